#include "core/config/settings_reader.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <tuple>
#include <utility>

#include "core/base/text.hpp"

namespace stemma::config {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;

constexpr std::string_view kHidden = "***";
constexpr std::string_view kSqlitePrefix = "sqlite:";

constexpr std::array<std::pair<std::string_view, log::Level>, 4> kLevels{
    {{"debug", log::Level::debug}, {"info", log::Level::info}, {"warn", log::Level::warn}, {"error", log::Level::error}}};

constexpr std::array<std::pair<std::string_view, log::Format>, 2> kFormats{{{"text", log::Format::text}, {"json", log::Format::json}}};

constexpr std::array<std::pair<std::string_view, StoreEngine>, 2> kEngines{
    {{"sqlite", StoreEngine::sqlite}, {"postgresql", StoreEngine::postgresql}}};
constexpr std::array<std::pair<std::string_view, StoreProfile>, 2> kProfiles{
    {{"single", StoreProfile::single}, {"team", StoreProfile::team}}};

std::string lower(std::string_view text) {
    std::string out{text};
    std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

bool names_a_secret(std::string_view key) {
    const std::string small = lower(key);
    return std::ranges::any_of(std::array{"password", "passwd", "secret", "token"},
                               [&](const char* word) { return small.find(word) != std::string::npos; });
}

std::string shown_scalar(const Node& node, std::string_view key) {
    if (names_a_secret(key)) return std::string{kHidden};
    const std::string& text = node.written().empty() ? node.raw() : node.written();
    return key == "connection" ? redact_connection(text) : text;
}

/// The node with everything that may not be shown replaced.
Node without_secrets(const Node& node, std::string_view key) {
    if (node.is_scalar() && (names_a_secret(key) || !node.written().empty())) return Node::scalar({}, {}, shown_scalar(node, key), true);
    if (node.is_sequence()) {
        std::vector<Node> items;
        for (const Node& item : node.items()) items.push_back(without_secrets(item, key));
        return Node::sequence({}, {}, std::move(items));
    }
    if (!node.is_map()) return node;
    std::vector<Node::Entry> entries;
    for (const Node::Entry& entry : node.entries()) entries.push_back({entry.key, {}, without_secrets(entry.value, entry.key)});
    return Node::map({}, {}, std::move(entries));
}

/// A value as `config show` prints it.
std::string shown(const Node& node, std::string_view key) {
    return node.is_scalar() ? shown_scalar(node, key) : to_json(without_secrets(node, key));
}

std::string duration_text(microseconds value) {
    const std::int64_t us = value.count();
    if (us % 3'600'000'000 == 0) return fmt::format("{}h", us / 3'600'000'000);
    if (us % 1'000'000 == 0) return fmt::format("{}s", us / 1'000'000);
    return fmt::format("{}ms", us / 1'000);
}

/// A path as it was written, made absolute by the folder of the file that holds it.
fs::path resolve(const fs::path& written, const Mark& mark) {
    if (written.is_absolute()) return written.lexically_normal();
    const fs::path folder = fs::path{mark.file ? *mark.file : std::string{}}.parent_path();
    return fs::absolute(fs::path{"."} / folder / written).lexically_normal();
}

/// One map of the file, or of a file that does not have it: then every key keeps its default. Each reader notes its key, present or not.
class Section {
public:
    Section(const Node* node, std::string path, std::vector<SettingLine>& lines, std::vector<Error>& errors)
        : node_{node}, path_{std::move(path)}, lines_{lines}, errors_{errors} {}

    [[nodiscard]] const Node* node() const { return node_; }

    Section section(std::string_view key) { return Section{find(key), join(key), lines_, errors_}; }
    Section element(const Node& node, std::string_view list, std::string_view name) {
        return Section{&node, fmt::format("{}[{}]", join(list), name), lines_, errors_};
    }

    void read(std::string_view key, std::string& target) {
        if (const Node* node = note(key, target)) take(node->text(), target);
    }
    void read(std::string_view key, bool& target) {
        if (const Node* node = note(key, target ? "true" : "false")) take(node->boolean(), target);
    }
    template <std::integral T>
    void read(std::string_view key, T& target) {
        const Node* node = note(key, std::to_string(target));
        if (node == nullptr) return;
        std::int64_t value = 0;
        if (take(node->integer(), value)) target = static_cast<T>(value);  // the schema's range is narrower than any T here
    }
    /// A duration of at least `least` and at most `most`.
    void read(std::string_view key, microseconds& target, microseconds least, microseconds most) {
        const Node* node = note(key, duration_text(target));
        if (node == nullptr || !take(node->duration(), target)) return;
        if (target < least || target > most)
            refuse(*node, fmt::format("'{}' must be at least {} and at most {}", join(key), duration_text(least), duration_text(most)));
    }
    /// A word and what it stands for; the schema lists the same words.
    template <class T, std::size_t size>
    void read(std::string_view key, T& target, const std::array<std::pair<std::string_view, T>, size>& words) {
        const auto current = std::ranges::find(words, target, &std::pair<std::string_view, T>::second);
        std::string word{current->first};
        const Node* node = note(key, word);
        if (node == nullptr || !take(node->text(), word)) return;
        const auto found = std::ranges::find(words, word, &std::pair<std::string_view, T>::first);
        if (found == words.end())
            refuse(*node, fmt::format("'{}' does not know '{}'", join(key), clip(word)));
        else
            target = found->second;
    }
    /// A path; relative ones are resolved, and an empty one is none: the default stands. Returns whether the file sets it.
    bool read(std::string_view key, fs::path& target) {
        const Node* node = note(key, target.string());
        std::string text;
        if (node == nullptr || !take(node->text(), text) || text.empty()) return false;
        target = resolve(text, node->mark());
        return true;
    }
    void read(std::string_view key, std::vector<fs::path>& target) {
        const Node* node = note(key, json_list(target));
        if (node == nullptr) return;
        target.clear();
        for (const Node& item : node->items()) {
            std::string text;
            if (take(item.text(), text)) target.push_back(resolve(text, item.mark()));
        }
    }
    void read(std::string_view key, std::vector<std::string>& target) {
        const Node* node = note(key, json_list({target.begin(), target.end()}));
        if (node == nullptr) return;
        target.clear();
        for (const Node& item : node->items()) take(item.text(), target.emplace_back());
    }
    /// A map that only its plugin understands. Each value in it gets a line of its own.
    void read_options(std::string_view key, Node& target) {
        const Node* node = find(key);
        if (node == nullptr || node->entries().empty())
            note(key, "{}");
        else
            note_tree(join(key), key, *node);
        target = node != nullptr ? *node : Node::map({}, std::string{key}, {});
    }

    /// The value under `key`, or null; noted by the caller, or not at all because its parts are.
    [[nodiscard]] const Node* find(std::string_view key) const { return node_ != nullptr ? node_->find(key) : nullptr; }

    /// Notes the key and gives its node, or null where the default stands.
    const Node* note(std::string_view key, std::string_view default_text) {
        const Node* node = find(key);
        lines_.push_back(node != nullptr ? SettingLine{join(key), shown(*node, key), node->mark().text()}
                                         : SettingLine{join(key), std::string{default_text}, "default"});
        return node;
    }

    void refuse(const Node& node, std::string message, std::string hint = {}) {
        errors_.push_back(Error{Errc::config, std::move(message), node.mark().text(), std::move(hint)});
    }

private:
    [[nodiscard]] std::string join(std::string_view key) const {
        return path_.empty() ? std::string{key} : fmt::format("{}.{}", path_, key);
    }

    template <class T>
    bool take(Result<T> result, T& target) {
        if (result)
            target = std::move(*result);
        else
            errors_.push_back(result.error());
        return result.has_value();
    }

    void note_tree(const std::string& path, std::string_view key, const Node& node) {
        if (!node.is_map() || node.entries().empty()) {
            lines_.push_back(SettingLine{path, shown(node, key), node.mark().text()});
            return;
        }
        for (const Node::Entry& entry : node.entries()) note_tree(path + "." + entry.key, entry.key, entry.value);
    }

    static std::string json_list(const std::vector<fs::path>& paths) {
        std::vector<Node> items;
        items.reserve(paths.size());
        for (const fs::path& path : paths) items.push_back(Node::scalar({}, {}, path.string(), true));
        return to_json(Node::sequence({}, {}, std::move(items)));
    }

    const Node* node_;
    std::string path_;
    std::vector<SettingLine>& lines_;
    std::vector<Error>& errors_;
};

void read_daemon(Section section, DaemonSettings& daemon) {
    section.read("address", daemon.address);
    section.read("port", daemon.port);
    section.read("http_threads", daemon.http_threads);
    section.read("workers", daemon.workers);
    section.read("command_workers", daemon.command_workers);
    section.read("drain_seconds", daemon.drain_seconds);
    in6_addr bytes{};
    if (::inet_pton(AF_INET, daemon.address.c_str(), &bytes) != 1 && ::inet_pton(AF_INET6, daemon.address.c_str(), &bytes) != 1)
        section.refuse(*section.find("address"), fmt::format("'daemon.address' is no IP address: '{}'", clip(daemon.address)),
                       "127.0.0.1 or ::1 for this machine alone, 0.0.0.0 for every network");
}

void read_log(Section section, LogSettings& log) {
    section.read("level", log.level, kLevels);
    section.read("format", log.format, kFormats);
}

/// What one engine needs, and what is said for the other one.
void refuse_mixed_store(Section& store, const StoreSettings& given, bool own_file) {
    const bool connects = given.engine == StoreEngine::postgresql;
    if (connects && given.connection.empty())
        store.refuse(*store.find("engine"), "'store.engine' is postgresql, but 'store.connection' does not say where",
                     "connection: \"host=db.example.com dbname=stemma user=stemma password=${file:store-password}\"");
    if (connects && own_file)
        store.refuse(*store.find("file"), "'store.file' is SQLite's, but 'store.engine' is postgresql", "leave it out");
    if (!connects && !given.connection.empty())
        store.refuse(*store.find("connection"), "'store.connection' is PostgreSQL's, but 'store.engine' is sqlite",
                     "set engine: postgresql, or leave it out");
    if (!connects && given.schema != StoreSettings{}.schema)
        store.refuse(*store.find("schema"), "'store.schema' is PostgreSQL's, but 'store.engine' is sqlite", "leave it out");
}

/// Store and ledger files lie in the state folder unless the file says otherwise.
void read_files(Section root, Settings& settings) {
    root.section("state").read("folder", settings.state.folder);
    Section store = root.section("store");
    store.read("engine", settings.store.engine, kEngines);
    store.read("profile", settings.store.profile, kProfiles);
    std::string file = settings.store.file.string();
    store.read("file", file);
    const bool own_file = file != settings.store.file.string();
    settings.store.file = (settings.state.folder / file).lexically_normal();
    store.read("connection", settings.store.connection);
    store.read("schema", settings.store.schema);
    refuse_mixed_store(store, settings.store, own_file);
    store.read("busy_timeout_ms", settings.store.busy_timeout_ms);
    store.read("readers", settings.store.readers);
    store.read("statement_timeout_ms", settings.store.statement_timeout_ms);
    store.read("away_ms", settings.store.away_ms);
    store.read("follow_ms", settings.store.follow_ms);
    Section ledger = root.section("ledger");
    ledger.read("origin", settings.ledger.origin);
    if (!ledger.read("checkpoint_file", settings.ledger.checkpoint_file))
        settings.ledger.checkpoint_file = settings.state.folder / "ledger.checkpoint";
    ledger.read("reserve_bytes", settings.ledger.reserve_bytes);
    ledger.read("snapshot_entries", settings.ledger.snapshot_entries);
}

void read_plugins(Section section, PluginsSettings& plugins) {
    section.read("directory", plugins.directory);
    section.read("allow_undecided", plugins.allow_undecided);
    const Node* list = section.find("enabled");
    if (list == nullptr || list->items().empty()) section.note("enabled", "[]");
    if (list == nullptr) return;
    for (const Node& node : list->items()) {
        PluginSettings plugin;
        plugin.mark = node.find("name")->mark();
        Section element = section.element(node, "enabled", node.find("name")->raw());
        element.read("name", plugin.name);
        element.read("enabled", plugin.enabled);
        element.read("data", plugin.data);
        std::string sha256;
        element.read("sha256", sha256);
        if (!sha256.empty()) {
            auto digest = digest_from_hex(sha256);
            if (digest)
                plugin.sha256 = *digest;
            else
                element.refuse(*element.find("sha256"), digest.error().message);
        }
        element.read_options("options", plugin.options);
        plugins.enabled.push_back(std::move(plugin));
    }
}

/// Elements map the name of a source to a SKU.
void read_same_products(Section& section, ErpSettings& erp) {
    const Node* list = section.note("same_products", "[]");
    if (list == nullptr) return;
    for (const Node& node : list->items()) {
        SameProductSettings same{{}, node.mark()};
        for (const Node::Entry& entry : node.entries()) {
            const Result<std::string> sku = entry.value.text();
            if (!sku)
                section.refuse(entry.value, sku.error().message, sku.error().hint);
            else
                same.skus.emplace_back(entry.key, *sku);
            if (std::ranges::find(erp.sources, entry.key, &ErpSourceSettings::name) == erp.sources.end())
                section.refuse(node, fmt::format("'{}' is not the name of a source under erp.sources", clip(entry.key)),
                               "write the name of the source, a colon and its SKU, for two sources or more");
        }
        erp.same_products.push_back(std::move(same));
    }
}

void read_sources(Section& section, ErpSettings& erp);

void read_erp(Section section, ErpSettings& erp) {
    section.read("mappings", erp.mappings);
    read_sources(section, erp);
    read_same_products(section, erp);
    section.read("code_maps", erp.code_maps);
}

void read_sources(Section& section, ErpSettings& erp) {
    using std::chrono::hours, std::chrono::seconds;
    const Node* list = section.find("sources");
    if (list == nullptr || list->items().empty()) section.note("sources", "[]");
    if (list == nullptr) return;
    for (const Node& node : list->items()) {
        ErpSourceSettings source;
        source.mark = node.find("name")->mark();
        Section element = section.element(node, "sources", node.find("name")->raw());
        element.read("name", source.name);
        element.read("mapping", source.mapping);
        element.read("connection", source.connection);
        // A database file is named like any other file: from the folder of the file that names it.
        if (source.connection.starts_with(kSqlitePrefix) && source.connection.size() > kSqlitePrefix.size())
            source.connection =
                fmt::format("{}{}", kSqlitePrefix,
                            resolve(source.connection.substr(kSqlitePrefix.size()), element.find("connection")->mark()).string());
        element.read("every", source.every, seconds{1}, hours{24 * 7});
        element.read("batch_rows", source.batch_rows);
        element.read("overlap", source.overlap, seconds{0}, hours{24 * 30});
        element.read("sweep_every", source.sweep_every, seconds{0}, hours{24 * 30});
        element.read("statement_timeout", source.statement_timeout, seconds{1}, hours{1});
        element.read("rows_per_second_max", source.rows_per_second_max);
        element.read("enabled", source.enabled);
        erp.sources.push_back(std::move(source));
    }
}

void read_limits(Section section, LimitSettings& limits) {
    section.read("body_bytes_max", limits.body_bytes_max);
    section.read("batch_bytes_max", limits.batch_bytes_max);
    section.read("event_bytes_max", limits.event_bytes_max);
    section.read("batch_events_max", limits.batch_events_max);
    section.read("writer_queue_max", limits.writer_queue_max);
    section.read("writer_queue_bytes_max", limits.writer_queue_bytes_max);
    section.read("items_per_event_max", limits.items_per_event_max);
    section.read("identifier_bytes_max", limits.identifier_bytes_max);
    section.read("trace_items_max", limits.trace_items_max);
    section.read("large_trace_items", limits.large_trace_items);
    section.read("large_traces_max", limits.large_traces_max);
    section.read("search_results_max", limits.search_results_max);
    section.read("fact_entries_max", limits.fact_entries_max);
    section.read("fact_items_max", limits.fact_items_max);
    section.read("fact_rows_max", limits.fact_rows_max);
    section.read("report_subjects_max", limits.report_subjects_max);
    section.read("report_rows_max", limits.report_rows_max);
    section.read("report_bytes_max", limits.report_bytes_max);
    section.read("future_event_seconds_max", limits.future_event_seconds_max);
    section.read("request_seconds_max", limits.request_seconds_max);
    section.read("connections_max", limits.connections_max);
}

void read_access(Section section, AccessSettings& access) {
    using std::chrono::hours;
    using std::chrono::minutes;
    using std::chrono::seconds;
    section.read("session", access.session, minutes{1}, hours{24});
    section.read("phrase_bytes_min", access.phrase_bytes_min);
    section.read("tries_per_minute", access.tries_per_minute);
    section.read("hash_passes", access.hash_passes);
    section.read("hash_bytes", access.hash_bytes);
    section.read("hashes_at_once", access.hashes_at_once);
    section.read("refusals_every", access.refusals_every, seconds{1}, hours{1});
    section.read("records_max", access.records_max);
    const Node* list = section.find("sign");
    if (list == nullptr || list->items().empty()) section.note("sign", "[]");
    if (list == nullptr) return;
    for (const Node& node : list->items()) {
        SignSettings sign;
        sign.mark = node.find("command")->mark();
        Section element = section.element(node, "sign", node.find("command")->raw());
        element.read("command", sign.command);
        element.read("workflow", sign.workflow);
        element.read("step", sign.step);
        element.read("meanings", sign.meanings);
        element.read("second_person", sign.second_person);
        element.read("within", sign.within, minutes{1}, hours{24 * 31});
        access.sign.push_back(std::move(sign));
    }
}

/// Where a password's value ends: at the closing quote or brace it begins with, or at the next separator.
std::size_t end_of_value(std::string_view text, std::size_t from) {
    if (from >= text.size()) return text.size();
    const char open = text[from];
    if (open == '\'' || open == '"' || open == '{') {
        const char close = open == '{' ? '}' : open;
        std::size_t at = from + 1;
        while (at < text.size() && text[at] != close) at += text[at] == '\\' ? 2U : 1U;
        return std::min(at + 1, text.size());
    }
    std::size_t at = from;
    while (at < text.size() && std::string_view{" \t\n;&"}.find(text[at]) == std::string_view::npos) at += text[at] == '\\' ? 2U : 1U;
    return std::min(at, text.size());
}

/// "scheme://user:password@host": from the user's colon to the last '@', so that an unescaped '/' in a password hides too much, not too
/// little.
std::string redact_url(std::string text) {
    const std::size_t begin = text.find("://");
    if (begin == std::string::npos) return text;
    const std::size_t at = text.rfind('@');
    const std::size_t colon = text.find(':', begin + 3);
    if (at == std::string::npos || at < begin + 3 || colon == std::string::npos || colon > at) return text;
    return text.substr(0, colon + 1).append(kHidden).append(text.substr(at));
}

}  // namespace

std::string redact_connection(std::string_view connection) {
    const std::string small = lower(connection);
    std::string out;
    std::size_t at = 0;
    while (at < connection.size()) {
        std::size_t key = std::string::npos;
        std::size_t length = 0;
        for (const std::string_view word : {"password", "passwd", "pwd"})
            if (const std::size_t found = small.find(word, at); found < key) std::tie(key, length) = std::pair{found, word.size()};
        if (key == std::string::npos) break;
        std::size_t value = key + length;
        while (value < connection.size() && connection[value] == ' ') ++value;
        if (value >= connection.size() || connection[value] != '=') {
            out += connection.substr(at, key + length - at);
            at = key + length;
            continue;
        }
        ++value;
        while (value < connection.size() && connection[value] == ' ') ++value;
        out.append(connection.substr(at, value - at)).append(kHidden);
        at = end_of_value(connection, value);
    }
    out += connection.substr(at);
    return redact_url(std::move(out));
}

Settings read_settings(const Node& root, std::vector<Error>& errors) {
    Settings settings;
    Section all{&root, {}, settings.lines, errors};
    read_daemon(all.section("daemon"), settings.daemon);
    read_log(all.section("log"), settings.log);
    read_files(all, settings);
    read_plugins(all.section("plugins"), settings.plugins);
    read_erp(all.section("erp"), settings.erp);
    read_limits(all.section("limits"), settings.limits);
    read_access(all.section("access"), settings.access);
    return settings;
}

}  // namespace stemma::config
