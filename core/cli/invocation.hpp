// One call of `stemma`: which verb, with what. Made from the command line by parse(); every option's meaning for people stands in
// verb_table.cpp (what a verb does) and options.cpp (what an option does).
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stemma::cli {

inline constexpr std::uint64_t kLinesDefault = 200;  ///< lines of a long list that are shown without --limit

/// What the options say. A field that the verb does not take is left at its default.
struct Invocation {
    std::string verb;  ///< "item show"

    // Options of every verb.
    std::optional<std::filesystem::path> config;
    std::optional<std::string> server;  ///< "http://127.0.0.1:7430"
    bool json{false};
    bool no_color{false};
    std::string actor;  ///< who acts, for the ledger; "" = the API's default
    std::string token;  ///< that says who acts, once there are users; "" = that of the environment or of the last sign-in

    std::string sign;  ///< what a signature means, where the command has to be signed; "" = it is not signed

    // What the verb is about: an item, source, rule, case, plugin, event, scheme.
    std::string subject;
    std::vector<std::string> items;     ///< of a recall
    std::vector<std::string> products;  ///< of an attribution
    std::string product;                ///< of a report
    std::string from;                   ///< a date
    std::string to;
    std::string text;                             ///< a number to check; the command to a case
    std::filesystem::path file;                   ///< "-" = standard input
    std::optional<std::filesystem::path> output;  ///< a file that is written; "-" = standard output
    std::string copy_from;                        ///< of a store
    std::string copy_to;
    std::string schema{"stemma"};

    std::uint64_t sequence{0};           ///< an entry's number
    std::optional<std::uint64_t> first;  ///< of a range of entries
    std::optional<std::uint64_t> last;   ///< that it ends with
    std::optional<std::uint64_t> as_of;  ///< a ledger position
    std::optional<std::uint64_t> size;   ///< of the ledger that a proof is for
    std::optional<std::uint64_t> limit;
    std::optional<std::uint64_t> rows;
    std::optional<std::uint64_t> version;  ///< of a case
    std::optional<double> alpha;           ///< of an attribution
    std::optional<std::uint64_t> failed_min;
    std::string as_of_time;
    std::string kind;   ///< of an assessment, of gaps
    std::string query;  ///< of a mapping
    std::string workflow;
    std::string reason;
    std::string idempotency_key;
    std::vector<std::pair<std::string, std::string>> fields;
    std::optional<std::filesystem::path> options_file;
    std::vector<std::string> data_files;  ///< of a plugin
    std::optional<std::filesystem::path> database;
    std::string database_name;  ///< of an ERP
    std::string engine;         ///< of an ERP's database
    std::string login;          ///< that may only read
    std::string mapping;        ///< a mapping's name or file
    std::optional<std::string> key;
    std::string format;                               ///< of an answer in rows: "ndjson", "csv", "xlsx", "json"; "" = for people
    std::string row_fields;                           ///< "id,kind"
    std::string by;                                   ///< "product,place": a roll-up instead of the items; "" = none
    std::optional<std::filesystem::path> checkpoint;  ///< a file with one that was kept elsewhere
    std::optional<std::filesystem::path> folder;      ///< a folder that becomes what is restored
    bool all{false};                                  ///< every entry
    bool by_now{false};                               ///< judged by the plugins in force now
    bool stored_facts{false};                         ///< without reading facts again
    bool with_key{false};
    bool force{false};
    bool accept_loss{false};
    bool count{false};
    bool timed{false};
    bool contents{false};
    std::uint64_t cursor{0};  ///< of a page
    bool certain_only{false};
    bool list_items{false};
    bool inferred{false};
    bool no_conditions{false};
    bool full{false};
    bool apart{false};                ///< two ids are not one
    bool meet{false};                 ///< two ids are one
    std::vector<std::string> roles;   ///< of a user or token
    std::vector<std::string> groups;  ///< of commands that a token is for
    std::optional<std::uint64_t> days;
    std::string full_name;  ///< of a person
    bool sweep{false};
    bool accept_vanished{false};
    bool resume{false};
    bool dry_run{false};
    bool lines{false};  ///< the file has one record a line
    bool origin{false};
    bool whole_tables{false};
    bool suggest{false};
    bool no_sample{false};
    bool anyway{false};
};

/// The command line asked for a text (--help, --version), or cannot be understood.
struct ParseStop {
    bool failed{false};  ///< `text` is a help or version text otherwise
    std::string text;    ///< the message, or the whole text to print
    std::string hint;
};

/// `words` without the program's name.
[[nodiscard]] std::expected<Invocation, ParseStop> parse(std::vector<std::string> words, std::string_view program_version);

/// A verb as it stands in the option tree, for the manual's test.
struct VerbForm {
    std::string usage;                 ///< "item show ITEM"
    std::vector<std::string> options;  ///< "--as-of", without those of every verb
};
[[nodiscard]] std::vector<VerbForm> verb_forms();
[[nodiscard]] std::vector<std::string> common_options();

}  // namespace stemma::cli
