// What each verb takes: its words and options, a function for each verb and a table of them.
#include "core/cli/verb_binds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/cli/help.hpp"

namespace stemma::cli {
namespace {

// --- options ------------------------------------------------------------------------------------------------------------------------

/// Decimal digits alone: no sign, no octal, no hexadecimal.
std::uint64_t read_number(const std::string& option, const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        throw CLI::ValidationError(option, fmt::format("'{}' is not a whole number", clip(text)));
    return value;
}

template <class Number>
CLI::Option* add_number(CLI::App& app, const std::string& name, Number& to, const std::string& description) {
    return app
        .add_option_function<std::string>(
            name, [&to, name](const std::string& text) { to = read_number(name, text); }, description)
        ->type_name("N");
}

/// An option without its text would be as if it had not been given, and what was asked for is not done.
template <class T>
CLI::Option* add_text(CLI::App& app, const std::string& name, T& to, const char* type, const std::string& description) {
    const auto read = [&to, name](const std::string& text) {
        if (text.empty() && name.starts_with('-')) throw CLI::ValidationError(name, "it is empty: give it a value, or leave it out");
        to = text;
    };
    return app.add_option_function<std::string>(name, read, description)->type_name(type);
}

CLI::Option* add_subject(CLI::App& app, const char* name, Invocation& to, const char* description) {
    return add_text(app, name, to.subject, "", description)->required();
}

void add_pairs(CLI::App& app, Invocation& to, const char* name, const char* description) {
    const auto read = [&to, name](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
            const std::size_t equals = text.find('=');
            if (equals == 0 || equals == std::string::npos)
                throw CLI::ValidationError(name, fmt::format("'{}' is not NAME=VALUE", clip(text)));
            to.fields.emplace_back(text.substr(0, equals), text.substr(equals + 1));
        }
    };
    app.add_option_function<std::vector<std::string>>(name, read, description)->type_name("NAME=VALUE")->allow_extra_args(false);
}

void add_fields(CLI::App& app, Invocation& to) { add_pairs(app, to, "--field", "a value of the command; may be given several times"); }

void add_item(CLI::App& app, Invocation& to) { add_subject(app, "ITEM", to, "an id or any identifier: a serial, a lot number"); }
void add_as_of(CLI::App& app, Invocation& to) {
    const auto read = [&to](const std::string& text) {
        if (text.find_first_not_of("0123456789") == std::string::npos)
            to.as_of = read_number("--as-of", text);
        else if (parse_time(text))
            to.as_of_time = text;
        else
            throw CLI::ValidationError("--as-of", fmt::format("'{}' is neither a ledger position nor a time", clip(text)));
    };
    app.add_option_function<std::string>("--as-of", read,
                                         "what was known when the ledger had the entries 0 to N-1 (to include entry N, give N+1), or "
                                         "recorded by a time: 2026-03-03T10:00:00Z (with its zone), or 2026-03-03 for the end of that "
                                         "day, UTC")
        ->type_name("N|TIME");
}
void add_limit(CLI::App& app, Invocation& to, const char* description) { add_number(app, "--limit", to.limit, description); }
void add_reason(CLI::App& app, Invocation& to) { add_text(app, "--reason", to.reason, "TEXT", "why, for the ledger"); }
void add_certain_only(CLI::App& app, Invocation& to) {
    app.add_flag("--certain-only", to.certain_only, "leave out what is only possible, by way of goods without a lot number");
}
void add_source(CLI::App& app, Invocation& to) { add_subject(app, "SOURCE", to, "name of the source in erp.sources"); }
void add_sequence(CLI::App& app, Invocation& to) { add_number(app, "SEQUENCE", to.sequence, "number of the ledger entry")->required(); }
void add_dry_run(CLI::App& app, Invocation& to) { app.add_flag("--dry-run", to.dry_run, "check and show, change nothing"); }
void add_options_file(CLI::App& app, Invocation& to) {
    add_text(app, "--options-file", to.options_file, "FILE",
             "the plugin's options: what stands under options: in stemma.yaml; - reads standard input");
}

void add_timed(CLI::App& app, Invocation& to) {
    app.add_flag("--timed", to.timed, "leave out what had left an item before the goods can have come into it");
}

/// The forms of an answer besides a table, after add_limit(). `fields`: what a row may have.
void add_forms(CLI::App& app, Invocation& to, const char* fields) {
    CLI::Option* count = app.add_flag("--count", to.count, "the counts alone, by kind");
    CLI::Option* by =
        add_text(app, "--by", to.by, "LIST", "counts instead of items: status,place,customer,product,party,document")->excludes(count);
    CLI::Option* format = add_text(app, "--format", to.format, "FORM", "print rows as they come: ndjson or csv")
                              ->check(CLI::IsMember({"ndjson", "csv"}))
                              ->excludes(count)
                              ->excludes(app.get_option("--limit"));  // rows are all there is
    add_text(app, "--fields", to.row_fields, "LIST", fields)->needs(format)->excludes(by);
}

void add_trace(CLI::App& app, Invocation& to) {
    add_item(app, to);
    add_as_of(app, to);
    add_certain_only(app, to);
    add_timed(app, to);
    add_limit(app, to, "lines of each part shown, 200 without it; 0 shows all");
    add_forms(app, to, "of a row: id,label,kind,sku,product,depth,certain,via,documents");
}

void add_capture(CLI::App& app, Invocation& to) {
    add_text(app, "FILE", to.file, "", "a JSON file; - reads standard input")->required();
    add_reason(app, to);
    add_text(app, "--idempotency-key", to.idempotency_key, "KEY", "the same key with the same content is recorded once");
    app.add_flag("--lines", to.lines, "the file has one record a line; goes without saying for .ndjson and .jsonl");
}

CLI::Option* add_list(CLI::App& app, const char* name, std::vector<std::string>& to, const char* type, const char* description) {
    return app.add_option(name, to, description)->type_name(type)->allow_extra_args(false);
}

CLI::Option* add_roles(CLI::App& app, Invocation& to) {
    return add_list(
        app, "--role", to.roles, "ROLE",
        "administrator, integrator, compliance_officer, quality, operator, service_desk, auditor, partner, police or public; may "
        "be given several times");
}

void add_user_name(CLI::App& app, Invocation& to) {
    add_subject(app, "NAME", to, "the user's name");
    add_reason(app, to);
}

void bind_user_add(CLI::App& app, Invocation& to) {
    add_user_name(app, to);
    add_roles(app, to)->required();
    add_text(app, "--full-name", to.full_name, "TEXT", "the person's name; kept beside the ledger, where it can be taken away");
}

void bind_user_role(CLI::App& app, Invocation& to) {
    add_user_name(app, to);
    add_roles(app, to)->required();
}

void bind_user_name(CLI::App& app, Invocation& to) {
    add_user_name(app, to);
    add_text(app, "TEXT", to.text, "", "the person's name; without it the one that is kept is taken away");
}

void bind_user_passwd(CLI::App& app, Invocation& to) {
    add_text(app, "NAME", to.subject, "", "the user's name; your own password without it");
    add_reason(app, to);
}

void bind_token_new(CLI::App& app, Invocation& to) {
    add_subject(app, "NAME", to, "name of the program; entries name it token:NAME");
    add_roles(app, to)->required();
    add_list(app, "--group", to.groups, "GROUP", "the only commands that it is for: events, items ...; may be given several times");
    add_number(app, "--days", to.days, "how long it is good, 1 to 3653; 90 without it");
    add_reason(app, to);
}

void bind_token_revoke(CLI::App& app, Invocation& to) {
    add_subject(app, "TOKEN", to, "its id, or a program's name for all of its tokens");
    add_reason(app, to);
}

void bind_decision(CLI::App& app, Invocation& to) {
    add_subject(app, "ID", to, "id of the command that waits");
    add_reason(app, to);
}

using Bind = void (*)(CLI::App&, Invocation&);

void bind_erp_check(CLI::App& app, Invocation& to) {
    add_text(app, "SOURCE", to.subject, "", "name of the source in erp.sources; all without it");
}

void bind_erp_preview(CLI::App& app, Invocation& to) {
    add_source(app, to);
    add_text(app, "--query", to.query, "NAME", "query of the mapping");
    add_number(app, "--rows", to.rows, "rows shown, 1 to 100; 5 without it");
}

void bind_erp_sync(CLI::App& app, Invocation& to) {
    add_source(app, to);
    app.add_flag("--full", to.full, "read everything again and notice rows that vanished");
    app.add_flag("--sweep", to.sweep, "compare the keys of all rows besides, which notices rows that vanished");
    app.add_flag("--accept-vanished", to.accept_vanished, "take back rows that vanished also where most of them did");
    app.add_flag("--resume", to.resume, "after mending a paused mapping: check it again and read what was missed");
}

void bind_erp_rejects(CLI::App& app, Invocation& to) {
    bind_erp_check(app, to);
    add_limit(app, to, "rows shown, 1 to 10000; 1000 without it");
}

void bind_erp_grants(CLI::App& app, Invocation& to) {
    add_text(app, "SOURCE", to.subject, "", "name of the source in erp.sources; not with a mapping alone");
    add_text(app, "--mapping", to.mapping, "NAME", "for this mapping, by name or file, without asking any database");
    add_text(app, "--login", to.login, "NAME", "the login's name, on MariaDB NAME or NAME@HOST; stemma_ro without it");
    add_text(app, "--engine", to.engine, "ENGINE", "whose words: postgresql or mariadb; those of the source's database without it")
        ->check(CLI::IsMember({"postgresql", "mariadb"}));
    add_text(app, "--database", to.database_name, "NAME", "name of the ERP's database, where none is asked");
    app.add_flag("--whole-tables", to.whole_tables, "rights on whole tables, not on the columns that are read");
}

void bind_erp_map(CLI::App& app, Invocation& to) {
    add_text(app, "DATABASE", to.subject, "", "a connection, as under erp.sources, or the name of a source")->required();
    app.add_flag("--suggest", to.suggest, "propose a mapping")->required();
    add_text(app, "--mapping", to.mapping, "NAME", "name of the mapping that is proposed; my-erp without it");
    app.add_flag("--no-sample", to.no_sample, "look at names and types alone, at no row");
    app.add_flag("--anyway", to.anyway, "propose one although a mapping that is here fits");
}

void bind_erp_audit(CLI::App& app, Invocation& to) {
    add_text(app, "SOURCE", to.subject, "", "name of the source in erp.sources; everything that is recorded without it");
    add_as_of(app, to);
    add_text(app, "--kind", to.kind, "KIND", "findings of this kind alone: negative_stock, two_places, ...");
    CLI::Option* count = app.add_flag("--count", to.count, "the counts alone, by kind");
    add_limit(app, to, "findings shown, 50 without it; 0 shows all");
    add_text(app, "--format", to.format, "FORM", "print every finding as it comes: ndjson, or csv with a row for each row of the ERP")
        ->check(CLI::IsMember({"ndjson", "csv"}))
        ->excludes(count)
        ->excludes(app.get_option("--limit"));
}

void bind_erp_meetings(CLI::App& app, Invocation& to) {
    app.add_option("ITEM", to.items, "an item or product, by its id or number; with --undo and --meet two ids")->expected(0, 2);
    app.add_flag("--undo", to.apart, "the two are not one, and stay two");
    app.add_flag("--meet", to.meet, "the two are one");
    add_reason(app, to);
    add_limit(app, to, "meetings shown, 1 to 10000; 1000 without it");
}

void bind_search(CLI::App& app, Invocation& to) {
    add_subject(app, "TEXT", to, "an id or any identifier, or how it begins");
    add_limit(app, to, "items shown, up to limits.search_results_max; 20 without it");
}

void bind_item_show(CLI::App& app, Invocation& to) {
    add_item(app, to);
    add_as_of(app, to);
    add_limit(app, to, "newest entries of the history shown, up to 1000; without it, and with 0, as many as there can be");
}

void bind_item_assess(CLI::App& app, Invocation& to) {
    add_item(app, to);
    add_text(app, "--kind", to.kind, "KIND", "which assessment: expiry, warranty, or what an enabled plugin offers")->required();
    add_text(app, "--as-of-time", to.as_of_time, "DATE", "as of that day or instant: 2026-11-21");
}

void bind_gaps(CLI::App& app, Invocation& to) {
    add_text(app, "ITEM", to.subject, "", "only what this item came from and went into; everything without it");
    add_as_of(app, to);
    add_text(app, "--kind", to.kind, "KIND", "gaps of this kind alone: never_came_in, no_inputs, ...");
    app.add_flag("--count", to.count, "count all of them by kind");
    add_limit(app, to, "gaps shown, 1 to 1000; 50 without it");
    add_number(app, "--cursor", to.cursor, "the next page, as the page before names it");
}

void bind_amounts(CLI::App& app, Invocation& to) {
    add_item(app, to);
    add_as_of(app, to);
    add_certain_only(app, to);
    add_timed(app, to);
    add_limit(app, to, "lines shown, 200 without it; 0 shows all");
}

void bind_recall(CLI::App& app, Invocation& to) {
    const auto read = [&to](const std::vector<std::string>& items) { to.items = items; };
    app.add_option_function<std::vector<std::string>>("ITEM", read, "the bad items: ids or any identifiers")->type_name("")->required();
    add_as_of(app, to);
    add_certain_only(app, to);
    add_timed(app, to);
    app.add_flag("--contents", to.contents, "of cartons and pallets count what is packed in them as well");
    CLI::Option* items = app.add_flag("--items", to.list_items, "list every affected item");
    add_limit(app, to, "lines of each list shown, 200 without it; 0 shows all");
    add_forms(app, to, "of a row: id,label,kind,sku,product,depth,certain,end,status,stock");
    items->excludes(app.get_option("--count"))->excludes(app.get_option("--by"));  // neither lists any
}

/// A decimal number above zero.
double read_real(const std::string& option, const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc{} || end != text.data() + text.size() || !(value > 0))
        throw CLI::ValidationError(option, fmt::format("'{}' is not a number above zero", clip(text)));
    return value;
}

void bind_attribute(CLI::App& app, Invocation& to) {
    const auto read = [&to](const std::vector<std::string>& items) { to.items = items; };
    app.add_option_function<std::vector<std::string>>("ITEM", read, "the items that failed: ids or any identifiers")
        ->type_name("")
        ->required();
    const auto read_products = [&to](const std::vector<std::string>& products) { to.products = products; };
    app.add_option_function<std::vector<std::string>>("--product", read_products,
                                                      "compare with items of this product; may be given several times; without it those "
                                                      "of the failed items")
        ->type_name("PRODUCT")
        ->allow_extra_args(false);
    add_text(app, "--from", to.from, "DATE", "compare with items that came into being on that day or later");
    add_text(app, "--to", to.to, "DATE", "compare with items that came into being on that day or before");
    add_text(app, "--among", to.file, "FILE", "compare with the items in this file, one a line; - reads standard input");
    app.add_option_function<std::string>(
           "--alpha", [&to](const std::string& text) { to.alpha = read_real("--alpha", text); },
           "largest q of what is named, up to 0.5; 0.05 without it")
        ->type_name("X");
    add_number(app, "--failed-min", to.failed_min, "failed items that what is named must have, 1 to 10; 3 without it");
    app.add_flag("--inferred", to.inferred, "follow goods without a lot number as well");
    app.add_flag("--no-conditions", to.no_conditions, "leave out attributes and measured values");
    add_as_of(app, to);
    add_limit(app, to, "hypotheses shown, 1 to 64; 20 without it");
}

void bind_ledger_verify(CLI::App& app, Invocation& to) {
    add_text(app, "--database", to.database, "FILE", "verify this copy instead of the store");
    add_text(app, "--key", to.key, "TEXT", "the public key to trust, as `stemma init` printed it");
}

void bind_store_copy(CLI::App& app, Invocation& to) {
    add_text(app, "FROM", to.copy_from, "", "the ledger to copy: a settings file (*.yaml), sqlite:PATH or postgresql:...")->required();
    add_text(app, "TO", to.copy_to, "", "where it goes, written likewise: a database without a ledger")->required();
    add_text(app, "--schema", to.schema, "NAME", "schema of a store named as postgresql:...; stemma without it");
}

void bind_backup(CLI::App& app, Invocation& to) {
    add_text(app, "FOLDER", to.file, "", "the backup to make: a folder that is not there yet")->required();
    app.add_flag("--with-key", to.with_key, "also the key that signs: who has it can write another history under your name");
}

void bind_verify(CLI::App& app, Invocation& to) {
    add_text(app, "BACKUP", to.file, "", "a folder that `stemma backup` made")->required();
    add_text(app, "--key", to.key, "TEXT", "the public key to trust, as `stemma init` printed it");
    add_text(app, "--checkpoint", to.checkpoint, "FILE", "a checkpoint that you kept elsewhere: the ledger must be of its history");
}

void bind_restore(CLI::App& app, Invocation& to) {
    bind_verify(app, to);
    add_text(app, "--to", to.folder, "FOLDER", "put everything, settings included, into this folder; without it, where it was");
    app.add_flag("--force", to.force, "move aside what is in the way; nothing is removed");
    app.add_flag("--accept-loss", to.accept_loss, "go on although a checkpoint shows that later entries were signed");
    add_reason(app, to);
    add_dry_run(app, to);
}

void bind_ledger_proof(CLI::App& app, Invocation& to) {
    add_sequence(app, to);
    add_number(app, "--size", to.size, "prove it for the ledger of N entries; the newest checkpoint without it");
}

void bind_case_list(CLI::App& app, Invocation& to) {
    add_text(app, "--workflow", to.workflow, "NAME", "cases of this workflow alone");
    add_limit(app, to, "cases shown, 1 to 1000; 50 without it");
}

void bind_case_open(CLI::App& app, Invocation& to) {
    add_text(app, "--workflow", to.workflow, "NAME", "rma, or what an enabled plugin offers")->required();
    add_text(app, "--item", to.subject, "ITEM", "what the case is about: an id or any identifier")->required();
    add_fields(app, to);
    add_text(app, "--reason", to.reason, "TEXT", "why, for the ledger")->required();
}

void bind_case_do(CLI::App& app, Invocation& to) {
    add_subject(app, "CASE", to, "id of the case");
    add_text(app, "COMMAND", to.text, "", "command of the workflow: authorise, receive, close")->required();
    add_number(app, "--version", to.version, "version of the case that you saw");
    add_fields(app, to);
    add_reason(app, to);
}

void bind_number_check(CLI::App& app, Invocation& to) {
    add_subject(app, "SCHEME", to, "name of the scheme: serial, lot, sku");
    add_text(app, "TEXT", to.text, "", "the number to check")->required();
}

void bind_plugin_check(CLI::App& app, Invocation& to) {
    add_text(app, "FILE", to.file, "", "the plugin's .so file")->required();
    add_options_file(app, to);
}

void bind_plugin_enable(CLI::App& app, Invocation& to) {
    add_subject(app, "NAME", to, "file name without .so");
    add_options_file(app, to);
    const auto read = [&to](const std::vector<std::string>& files) { to.data_files = files; };
    app.add_option_function<std::vector<std::string>>("--data", read,
                                                      "a data file for the plugin, such as a rule pack; may be given several times")
        ->type_name("FILE")
        ->allow_extra_args(false);
    add_dry_run(app, to);
}

void bind_replay(CLI::App& app, Invocation& to) {
    const auto read_first = [&to](const std::string& text) { to.first = to.sequence = read_number("SEQUENCE", text); };
    CLI::Option* first =
        app.add_option_function<std::string>("SEQUENCE", read_first, "number of the ledger entry; of the first one of a range")
            ->type_name("N");
    const auto read_last = [&to](const std::string& text) { to.last = read_number("LAST", text); };
    app.add_option_function<std::string>("LAST", read_last, "number of the last entry of a range")->type_name("N");
    app.add_flag("--all", to.all, "every entry of the ledger")->excludes(first);
    app.add_flag("--now", to.by_now, "judge by the plugins in force now: what would be judged otherwise today");
    app.add_flag("--stored-facts", to.stored_facts, "by the facts that the ledger keeps alone, without reading them again");
}

void bind_report_run(CLI::App& app, Invocation& to) {
    add_subject(app, "NAME", to, "a report, as `stemma report list` names it");
    add_pairs(app, to, "--set", "a parameter of the report; may be given several times");
    add_text(app, "--product", to.product, "PRODUCT", "items of this product alone: its SKU, name or id");
    add_text(app, "--as-of-time", to.as_of_time, "DATE", "as of that day or instant: 2026-11-21; now without it");
    add_text(app, "--format", to.format, "FORM", "csv, xlsx or json; without it what the file's name ends with, a table on the console")
        ->check(CLI::IsMember({"csv", "xlsx", "json"}));
    add_text(app, "-o,--output", to.output, "FILE", "write it to this file, in place of what is there; - is standard output");
}

struct VerbBind {
    std::string_view path;
    Bind bind;
};

/// Verbs that are not here take no arguments of their own.
constexpr std::array kBinds{
    VerbBind{"config show",
             [](CLI::App& app, Invocation& to) { app.add_flag("--origin", to.origin, "with the file and line each value comes from"); }},
    VerbBind{"backup", bind_backup},
    VerbBind{"verify", bind_verify},
    VerbBind{"restore", bind_restore},
    VerbBind{"store copy", bind_store_copy},
    VerbBind{"erp check", bind_erp_check},
    VerbBind{"erp preview", bind_erp_preview},
    VerbBind{"erp sync", bind_erp_sync},
    VerbBind{"erp rejects", bind_erp_rejects},
    VerbBind{"erp grants", bind_erp_grants},
    VerbBind{"erp map", bind_erp_map},
    VerbBind{"erp audit", bind_erp_audit},
    VerbBind{"erp meetings", bind_erp_meetings},
    VerbBind{"search", bind_search},
    VerbBind{"item show", bind_item_show},
    VerbBind{"item assess", bind_item_assess},
    VerbBind{"trace back", add_trace},
    VerbBind{"trace forward", add_trace},
    VerbBind{"trace gaps", bind_gaps},
    VerbBind{"trace amounts", bind_amounts},
    VerbBind{"recall simulate", bind_recall},
    VerbBind{"recall attribute", bind_attribute},
    VerbBind{"event show", [](CLI::App& app, Invocation& to) { add_subject(app, "ID", to, "the event's id"); }},
    VerbBind{"event capture", add_capture},
    VerbBind{"master capture", add_capture},
    VerbBind{"ledger verify", bind_ledger_verify},
    VerbBind{"ledger show", add_sequence},
    VerbBind{"ledger proof", bind_ledger_proof},
    VerbBind{"rule explain", [](CLI::App& app, Invocation& to) { add_subject(app, "ID", to, "the rule's id"); }},
    VerbBind{"case list", bind_case_list},
    VerbBind{"case show", [](CLI::App& app, Invocation& to) { add_subject(app, "CASE", to, "id of the case"); }},
    VerbBind{"case open", bind_case_open},
    VerbBind{"case do", bind_case_do},
    VerbBind{"replay", bind_replay},
    VerbBind{"report run", bind_report_run},
    VerbBind{"number check", bind_number_check},
    VerbBind{"login", [](CLI::App& app, Invocation& to) { add_subject(app, "NAME", to, "the user's name"); }},
    VerbBind{"user add", bind_user_add},
    VerbBind{"user disable", add_user_name},
    VerbBind{"user enable", add_user_name},
    VerbBind{"user passwd", bind_user_passwd},
    VerbBind{"user role", bind_user_role},
    VerbBind{"user name", bind_user_name},
    VerbBind{"approval approve", bind_decision},
    VerbBind{"approval reject", bind_decision},
    VerbBind{"token new", bind_token_new},
    VerbBind{"token revoke", bind_token_revoke},
    VerbBind{"plugin info",
             [](CLI::App& app, Invocation& to) { add_subject(app, "NAME", to, "file name without .so, or the plugin's id"); }},
    VerbBind{"plugin check", bind_plugin_check},
    VerbBind{"plugin enable", bind_plugin_enable},
    VerbBind{"plugin disable",
             [](CLI::App& app, Invocation& to) {
                 add_subject(app, "NAME", to, "file name without .so");
                 add_dry_run(app, to);
             }},
};

}  // namespace

void bind_common(CLI::App& app, Invocation& to) {
    app.set_help_flag("-h,--help", "this text")->group(kCommonGroup);
    add_text(app, "--config", to.config, "FILE", "the settings file")->group(kCommonGroup);
    add_text(app, "--server", to.server, "URL", "where stemmad listens; without it daemon.address and daemon.port of the settings")
        ->group(kCommonGroup);
    add_text(app, "--actor", to.actor, "NAME", "who acts, for the ledger, as long as there is no user")->group(kCommonGroup);
    add_text(app, "--token", to.token, "TOKEN", "who acts; without it $STEMMA_TOKEN, or the token of stemma login")->group(kCommonGroup);
    add_text(app, "--sign", to.sign, "MEANING", "sign the command, where it has to be: approval, review ...; asks for your password")
        ->group(kCommonGroup);
    app.add_flag("--json", to.json, "the answer as JSON, one line, as the API gives it")->group(kCommonGroup);
    app.add_flag("--no-color", to.no_color, "no colours, as with NO_COLOR set")->group(kCommonGroup);
}

void bind_verb(std::string_view path, CLI::App& app, Invocation& to) {
    if (const auto bind = std::ranges::find(kBinds, path, &VerbBind::path); bind != kBinds.end()) bind->bind(app, to);
}

}  // namespace stemma::cli
