#include "adapters/sql/connection.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "core/base/text.hpp"

namespace stemma::sql {
namespace {

constexpr std::string_view kSqlitePrefix = "sqlite:";
constexpr std::string_view kPostgresqlPrefix = "postgresql:";
constexpr std::uint32_t kConnectTimeoutS = 10;
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
    const std::size_t colon = text.find(':');
    const std::array<std::string, 2> engines{"sqlite", "postgresql"};
    if (colon == std::string_view::npos)
        return fail(Errc::config, "connection text names no engine", {}, "begin it with 'sqlite:' or 'postgresql:'");
    std::string hint = did_you_mean(text.substr(0, colon), engines);
    if (hint.empty()) hint = "it may be sqlite or postgresql";
    return fail(Errc::config, fmt::format("'{}' is not a database engine", clip(text.substr(0, colon))), {}, std::move(hint));
}

std::string describe(const Connection& connection) {
    std::string out{to_string(connection.engine)};
    if (connection.engine == Engine::sqlite) return out + " " + connection.target;
    const auto options = parse_options(connection.target);
    if (!options) return out;
    for (const std::string_view shown : kShown)
        for (const auto& [key, value] : *options)
            if (key == shown) out += fmt::format(" {}={}", key, value);
    return out;
}

std::string_view to_string(Engine engine) noexcept { return engine == Engine::sqlite ? "SQLite" : "PostgreSQL"; }

Result<std::string> postgresql_uri(const std::string& target) {
    auto options = parse_options(target);
    if (!options) return fail(std::move(options));
    const auto has = [&](std::string_view key) { return std::ranges::any_of(*options, [&](const auto& o) { return o.first == key; }); };
    if (!has("connect_timeout")) options->emplace_back("connect_timeout", std::to_string(kConnectTimeoutS));
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
