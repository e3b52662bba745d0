#include "adapters/sql/connection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <utility>
#include <vector>

#include "core/base/text.hpp"

namespace stemma::sql {
namespace {

constexpr std::string_view kSqlitePrefix = "sqlite:";
constexpr std::string_view kPostgresqlPrefix = "postgresql:";
constexpr std::array<std::string_view, 2> kMariadbPrefixes{"mysql:", "mariadb:"};
constexpr std::string_view kMariadbForm = "write it as mysql:host=... db=... user=... password=...";
constexpr std::uint32_t kSecondsMax = 86'400;
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kKeepalives{
    {{"keepalives_idle", "30"}, {"keepalives_interval", "10"}, {"keepalives_count", "3"}, {"tcp_user_timeout", "30000"}}};
constexpr std::array<std::string_view, 5> kShown{"host", "hostaddr", "port", "dbname", "user"};  // never the password

using Options = std::vector<std::pair<std::string, std::string>>;

/// The options that a target names, without libpq's defaults.
Result<Options> parse_options(const std::string& target) {
    char* complaint = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed{PQconninfoParse(target.c_str(), &complaint), &PQconninfoFree};
    const std::unique_ptr<char, decltype(&PQfreemem)> complaint_owner{complaint, &PQfreemem};
    if (!parsed) {
        std::string message = complaint != nullptr ? complaint : "out of memory";
        while (message.ends_with('\n')) message.pop_back();
        return fail(Errc::config, "PostgreSQL connection text: " + message, {}, "write it as postgresql:host=... dbname=... user=...");
    }
    Options options;
    for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option)
        if (option->val != nullptr) options.emplace_back(option->keyword, option->val);
    return options;
}

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
        if (plain)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

// --- MariaDB's connection text ----------------------------------------------------------------------------------------

std::unexpected<Error> refuse_mariadb(std::string_view reason, std::string hint = std::string{kMariadbForm}) {
    return fail(Errc::config, fmt::format("MariaDB connection text: {}", reason), {}, std::move(hint));
}

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The value at the front of `rest`, which is moved behind it.
Result<std::string> take_value(std::string_view& rest, std::string_view key) {
    std::string value;
    if (!rest.starts_with('\'')) {
        while (!rest.empty() && !is_blank(rest.front())) {
            value += rest.front();
            rest.remove_prefix(1);
        }
        return value;
    }
    rest.remove_prefix(1);
    while (!rest.empty() && rest.front() != '\'') {
        if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
        value += rest.front();
        rest.remove_prefix(1);
    }
    if (rest.empty()) return refuse_mariadb(fmt::format("the quote of '{}' does not end", key));
    rest.remove_prefix(1);
    return value;
}

Result<Options> parse_words(std::string_view rest) {
    Options words;
    while (true) {
        while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
        if (rest.empty()) return words;
        const std::size_t equals = rest.find('=');
        const std::string key{rest.substr(0, std::min(equals, rest.size()))};
        // The text may hold a password: what is not a plain word is not repeated in the message.
        if (equals == std::string_view::npos || key.empty() || std::ranges::any_of(key, is_blank))
            return refuse_mariadb("a word is not written key=value");
        rest.remove_prefix(equals + 1);
        auto value = take_value(rest, key);
        if (!value) return fail(std::move(value));
        words.emplace_back(key, std::move(*value));
    }
}

Result<void> take_number(std::uint32_t& to, std::string_view key, std::string_view value, std::uint32_t max) {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), to);
    if (error != std::errc{} || end != value.data() + value.size() || to == 0 || to > max)
        return refuse_mariadb(fmt::format("'{}' is '{}': 1 to {} is allowed", key, clip(value), max));
    return {};
}

Result<void> take_word(MariadbTarget& target, std::string_view key, std::string_view value) {
    const std::array<std::pair<std::string_view, std::string*>, 6> texts{{{"host", &target.host},
                                                                          {"socket", &target.socket},
                                                                          {"db", &target.db},
                                                                          {"user", &target.user},
                                                                          {"password", &target.password},
                                                                          {"ssl_ca", &target.ssl_ca}}};
    for (const auto& [name, to] : texts)
        if (key == name) {
            *to = value;
            return {};
        }
    if (key == "port") return take_number(target.port, key, value, 65'535);
    if (key == "connect_timeout") return take_number(target.connect_timeout, key, value, kSecondsMax);
    if (key == "read_timeout") return take_number(target.read_timeout, key, value, kSecondsMax);
    const std::array<std::string, 9> keys{"host", "port", "socket", "db", "user", "password", "ssl_ca", "connect_timeout", "read_timeout"};
    std::string hint = did_you_mean(key, keys);
    if (hint.empty()) hint = fmt::format("it may have {}", fmt::join(keys, ", "));
    return refuse_mariadb(fmt::format("there is no key '{}'", clip(key)), std::move(hint));
}

std::string shown_of_mariadb(std::string_view text) {
    const auto target = parse_mariadb_target(text);
    if (!target) return {};
    std::string out;
    const auto show = [&](std::string_view key, std::string_view value) {
        if (!value.empty()) out += fmt::format(" {}={}", key, value);
    };
    show("host", target->host);
    show("port", target->port == 0 ? "" : std::to_string(target->port));
    show("socket", target->socket);
    show("db", target->db);
    show("user", target->user);
    return out;
}

}  // namespace

Result<Connection> parse_connection(std::string_view text) {
    Connection connection;
    if (text.starts_with(kSqlitePrefix)) {
        connection.target = text.substr(kSqlitePrefix.size());
        if (connection.target.empty()) return fail(Errc::config, "no file after 'sqlite:'", {}, "sqlite:/var/lib/erp/erp.sqlite");
        return connection;
    }
    if (text.starts_with(kPostgresqlPrefix)) {
        connection.engine = Engine::postgresql;
        const std::string_view rest = text.substr(kPostgresqlPrefix.size());
        connection.target = rest.starts_with("//") ? text : rest;
        if (rest.empty()) return fail(Errc::config, "no database after 'postgresql:'", {}, "postgresql:host=db dbname=erp user=reader");
        if (auto options = parse_options(connection.target); !options) return fail(std::move(options));
        return connection;
    }
    for (const std::string_view prefix : kMariadbPrefixes) {
        if (!text.starts_with(prefix)) continue;
        connection.engine = Engine::mariadb;
        connection.target = text.substr(prefix.size());
        if (auto target = parse_mariadb_target(connection.target); !target) return fail(std::move(target));
        return connection;
    }
    const std::size_t colon = text.find(':');
    const std::array<std::string, 4> engines{"sqlite", "postgresql", "mysql", "mariadb"};
    if (colon == std::string_view::npos)
        return fail(Errc::config, "connection text names no engine", {}, "begin it with 'sqlite:', 'postgresql:' or 'mysql:'");
    std::string hint = did_you_mean(text.substr(0, colon), engines);
    if (hint.empty()) hint = "it may be sqlite, postgresql or mysql";
    return fail(Errc::config, fmt::format("'{}' is not a database engine", clip(text.substr(0, colon))), {}, std::move(hint));
}

std::string describe(const Connection& connection) {
    std::string out{to_string(connection.engine)};
    if (connection.engine == Engine::sqlite) return out + " " + connection.target;
    if (connection.engine == Engine::mariadb) return out + shown_of_mariadb(connection.target);
    const auto options = parse_options(connection.target);
    if (!options) return out;
    for (const std::string_view shown : kShown)
        for (const auto& [key, value] : *options)
            if (key == shown) out += fmt::format(" {}={}", key, value);
    return out;
}

std::string quoted(std::string_view text, char quote) {
    std::string made(1, quote);
    for (const char c : text) made.append(c == quote ? 2 : 1, c);
    return made + quote;
}

std::string_view to_string(Engine engine) noexcept {
    switch (engine) {
        case Engine::sqlite: return "SQLite";
        case Engine::postgresql: return "PostgreSQL";
        case Engine::mariadb: break;
    }
    return "MariaDB";
}

std::uint32_t answer_timeout_ms(const Connection& connection) noexcept {
    return connection.statement_timeout_ms == 0 ? kSilenceMaxMs : connection.statement_timeout_ms + connection.answer_slack_ms;
}

Result<MariadbTarget> parse_mariadb_target(std::string_view target) {
    auto words = parse_words(target);
    if (!words) return fail(std::move(words));
    MariadbTarget parsed;
    std::vector<std::string> seen;
    for (const auto& [key, value] : *words) {
        if (std::ranges::find(seen, key) != seen.end()) return refuse_mariadb(fmt::format("'{}' is there twice", key));
        seen.push_back(key);
        if (auto taken = take_word(parsed, key, value); !taken) return fail(std::move(taken));
    }
    if (parsed.db.empty()) return refuse_mariadb("it names no db");
    return parsed;
}

Result<std::string> postgresql_uri(const std::string& target) {
    auto options = parse_options(target);
    if (!options) return fail(std::move(options));
    const auto has = [&](std::string_view key) { return std::ranges::any_of(*options, [&](const auto& o) { return o.first == key; }); };
    if (!has("connect_timeout")) options->emplace_back("connect_timeout", std::to_string(kConnectTimeoutS));
    // A peer that vanished without a word, while nothing is awaited from it; where something is, silence.hpp looks after it.
    for (const auto& [key, value] : kKeepalives)
        if (!has(key)) options->emplace_back(key, value);
    if (!has("application_name")) options->emplace_back("application_name", "stemma");
    std::string uri = "postgresql:///";
    char separator = '?';
    for (const auto& [key, value] : *options) {
        uri += fmt::format("{}{}={}", separator, key, percent_encoded(value));
        separator = '&';
    }
    return uri;
}

}  // namespace stemma::sql
