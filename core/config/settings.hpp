// The typed settings of stemma.yaml. Looked up once, merged with conf.d/*.yaml, checked against schemas/config/stemma.schema.json, then
// read. A Settings value is complete and valid; every value in it knows the file and line it came from. Relative paths are resolved against
// the folder of the file that holds the value and are absolute here.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/config/tree.hpp"

namespace stemma::config {

inline constexpr std::size_t kConfFilesMax = 256;           ///< files in conf.d
inline constexpr std::size_t kSecretFileBytesMax = 65'536;  ///< bytes of a file named by ${file:...}

/// A value, or every mistake that was found.
template <class T>
using Checked = std::expected<T, std::vector<Error>>;

struct DaemonSettings {
    std::string address{"127.0.0.1"};  ///< an IPv4 or IPv6 address
    std::uint16_t port{7430};          ///< 0 = any free port
    int http_threads{2};
    int workers{4};
    int command_workers{64};
    int drain_seconds{10};
};

struct LogSettings {
    log::Level level{log::Level::info};
    log::Format format{log::Format::text};
};

struct StateSettings {
    std::filesystem::path folder{"/var/lib/stemma"};
};

enum class StoreEngine : unsigned char { sqlite, postgresql };

enum class StoreProfile : unsigned char { single, team };  ///< what the durability doctor asks of the store

struct StoreSettings {
    StoreEngine engine{StoreEngine::sqlite};
    StoreProfile profile{StoreProfile::single};
    std::filesystem::path file{"stemma.db"};  ///< SQLite; written relative to state.folder; absolute after loading
    std::string connection{};                 ///< PostgreSQL: "host=... dbname=... user=..."; never empty there
    std::string schema{"stemma"};             ///< PostgreSQL: the schema of the tables
    int busy_timeout_ms{5000};
    int readers{4};
    int statement_timeout_ms{25'000};  ///< PostgreSQL: longest run of one statement while the daemon runs
    int away_ms{10'000};               ///< PostgreSQL: how long commands wait for a database that is away
    int follow_ms{500};                ///< PostgreSQL: how often a daemon looks at the writer's seat and the ledger's end
};

struct LedgerSettings {
    std::string origin{"stemma.example/ledger"};  ///< origin line of the signed checkpoints
    std::filesystem::path checkpoint_file;        ///< after loading never empty: <state.folder>/ledger.checkpoint by default
    std::int64_t reserve_bytes{1'048'576};        ///< of disk, kept back so that the ledger can say that it was full; 0: none
    std::int64_t snapshot_entries{100'000};       ///< between two snapshots of the lineage; 0: at an orderly stop alone
};

/// One element of plugins.enabled.
struct PluginSettings {
    std::string name;                         ///< bare file name without ".so"
    Node options;                             ///< a map with its marks, references resolved; to_json() is what the plugin is handed
    std::vector<std::filesystem::path> data;  ///< files the host reads for the plugin, absolute
    std::optional<Digest> sha256;             ///< the only accepted content of the .so
    bool enabled{true};
    Mark mark;  ///< of `name`'s value
};

struct PluginsSettings {
    std::filesystem::path directory{"/usr/lib/stemma/plugins"};
    bool allow_undecided{false};
    std::vector<PluginSettings> enabled;  ///< the list's name in the file; an element may still say `enabled: false`
};

/// One element of erp.sources.
struct ErpSourceSettings {
    std::string name;
    std::string mapping;     ///< bare name: "tryton-6.0"
    std::string connection;  ///< "sqlite:/absolute/path" or "postgresql:host=... dbname=..."; may hold a password, never log it
    std::chrono::microseconds every{std::chrono::seconds{60}};
    std::int64_t batch_rows{500};
    std::chrono::microseconds overlap{std::chrono::hours{1}};
    std::chrono::microseconds sweep_every{std::chrono::hours{1}};
    std::chrono::microseconds statement_timeout{std::chrono::seconds{25}};
    std::int64_t rows_per_second_max{0};  ///< 0 = no limit
    bool enabled{true};
    Mark mark;  ///< of `name`'s value
};

/// One element of erp.same_products: the SKUs by which sources know one product.
struct SameProductSettings {
    std::vector<std::pair<std::string, std::string>> skus;  ///< source, SKU; two or more
    Mark mark;
};

struct ErpSettings {
    std::vector<std::filesystem::path> mappings{"/usr/share/stemma/erp"};  ///< folders searched in order
    std::vector<ErpSourceSettings> sources;
    std::vector<SameProductSettings> same_products;
    std::vector<std::filesystem::path> code_maps;  ///< CSV files: source,sku,source,sku
};

struct LimitSettings {
    std::int64_t body_bytes_max{4'194'304};
    std::int64_t batch_bytes_max{33'554'432};
    std::int64_t event_bytes_max{262'144};
    std::int64_t batch_events_max{10'000};
    std::int64_t writer_queue_max{256};
    std::int64_t writer_queue_bytes_max{134'217'728};
    std::int64_t items_per_event_max{10'000};
    std::int64_t identifier_bytes_max{255};
    std::int64_t trace_items_max{1'000'000};
    std::int64_t large_trace_items{10'000};
    std::int64_t large_traces_max{2};
    std::int64_t search_results_max{100};
    std::int64_t fact_entries_max{100'000};
    std::int64_t fact_items_max{10'000};
    std::int64_t fact_rows_max{100'000};
    std::int64_t report_subjects_max{200'000};
    std::int64_t report_rows_max{100'000};
    std::int64_t report_bytes_max{67'108'864};
    std::int64_t future_event_seconds_max{300};
    std::int64_t request_seconds_max{30};
    std::int64_t connections_max{512};
};

/// One element of access.sign: a command that has to be signed.
struct SignSettings {
    std::string command;   ///< "cases.act", "plugins.change": a name of the table of rights
    std::string workflow;  ///< of a case's step: "rma"; "" = any
    std::string step;      ///< "authorise"; "" = any
    std::vector<std::string> meanings;
    bool second_person{false};
    std::chrono::microseconds within{std::chrono::hours{72}};
    Mark mark;  ///< of `command`'s value
};

/// Who may act. Names say "phrase" where a password is meant: what is named so is not hidden by `config show`.
struct AccessSettings {
    std::chrono::microseconds session{std::chrono::hours{1}};
    std::int64_t phrase_bytes_min{12};
    std::int64_t tries_per_minute{10};
    std::int64_t hash_passes{2};
    std::int64_t hash_bytes{67'108'864};
    std::int64_t hashes_at_once{2};
    std::chrono::microseconds refusals_every{std::chrono::minutes{1}};
    std::int64_t records_max{10'000};
    std::vector<SignSettings> sign;
};

/// One line of `stemma config show --origin`. Safe to print: passwords are replaced by ***, and what came from the environment or a secret
/// file is shown as the reference that was written.
struct SettingLine {
    std::string path;    ///< "daemon.port", "plugins.enabled[lot].options.width", "erp.sources[main].every"
    std::string value;   ///< as written; lists as JSON
    std::string origin;  ///< "stemma.yaml:12:5" or "default"
};

struct Settings {
    std::filesystem::path file;                ///< the main file, as it was given
    std::vector<std::filesystem::path> files;  ///< every file read, in order of precedence, the strongest last
    DaemonSettings daemon;
    LogSettings log;
    StateSettings state;
    StoreSettings store;
    LedgerSettings ledger;
    PluginsSettings plugins;
    ErpSettings erp;
    LimitSettings limits;
    AccessSettings access;
    std::vector<SettingLine> lines;  ///< every setting, also those left at their default
    std::vector<Error> unresolved;   ///< references that stand as they were written, for want of their values: with Unresolved::keep alone
};

/// What becomes of a reference under `erp`, `plugins` or `store` whose variable or file is not to be had.
enum class Unresolved : unsigned char {
    refuse,  ///< it is a mistake, as everywhere else
    keep,    ///< it stays as it was written and is told in Settings::unresolved: for those who open neither an ERP nor a plugin;
             ///< who opens the store looks whether its connection is whole
};

/// A file's content that is to be taken instead of what the disk holds: what an edit would lead to.
struct Draft {
    std::filesystem::path file;
    std::string text;
};

/// The settings file to use: `given` (--config), $STEMMA_CONFIG, ./stemma.yaml, $XDG_CONFIG_HOME/stemma/stemma.yaml (or ~/.config),
/// /etc/stemma/stemma.yaml. The first two must exist when they are set; the others are tried in order.
/// Errors: Errc::not_found naming every place looked at.
[[nodiscard]] Result<std::filesystem::path> find_settings_file(const std::optional<std::filesystem::path>& given);

/// Reads `file`, then conf.d/*.yaml beside it in order of their names, each merged over what came before: maps deeply, lists replaced,
/// the elements of plugins.enabled and erp.sources merged by `name`. Then ${env:NAME} and ${file:PATH} in texts; `$${` stands for `${`.
[[nodiscard]] Checked<Settings> load_settings(const std::filesystem::path& file, const Draft* draft = nullptr,
                                              Unresolved unresolved = Unresolved::refuse);

/// The folder whose files are merged over the main file.
[[nodiscard]] std::filesystem::path conf_folder(const std::filesystem::path& main_file);

/// A connection text with every password replaced by ***: "key=value" pairs, ODBC's PWD, and the user part of a URL.
[[nodiscard]] std::string redact_connection(std::string_view connection);

/// The JSON Schema (draft 7) that stemma.yaml is checked against, as text.
[[nodiscard]] std::string_view settings_schema() noexcept;

}  // namespace stemma::config
