#include "adapters/erp/grants.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "adapters/erp/sql_text.hpp"
#include "core/base/text.hpp"

namespace stemma::erp {
namespace {

/// "name" or "name@host" as MariaDB's GRANT has it.
std::string mariadb_login_of(const std::string& login) {
    const std::size_t at = login.rfind('@');
    const std::string host = at == std::string::npos ? "%" : login.substr(at + 1);
    return fmt::format("{}@{}", sql::quoted(login.substr(0, at), '\''), sql::quoted(host, '\''));
}

/// What stands in a comment: without line ends.
std::string one_line(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return text;
}

Result<void> check_login(const std::string& name, sql::Engine engine) {
    const auto refuse = [&](std::string reason, std::string hint) {
        return fail(Errc::invalid_input, fmt::format("'{}' is no name for a login: {}", clip(name), reason), {}, std::move(hint));
    };
    if (name.empty()) return refuse("it is empty", "such as stemma_ro");
    if (!is_clean_utf8(name) || std::ranges::any_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
        return refuse("it holds a control character or is no UTF-8", "letters, digits and '_' work everywhere");
    if (engine == sql::Engine::mariadb) {
        const auto characters = std::ranges::count_if(name, [](unsigned char c) { return (c & 0xC0U) != 0x80U; });
        if (static_cast<std::size_t>(characters) > kMariadbLoginCharactersMax)
            return refuse(fmt::format("it is longer than {} characters", kMariadbLoginCharactersMax), "a shorter one");
        if (name.contains('\\')) return refuse("it holds a backslash, whose meaning is a setting of the server", "a name without one");
        return {};
    }
    if (name.size() > kPostgresLoginBytesMax)
        return refuse(fmt::format("it is longer than {} bytes, and PostgreSQL would cut it", kPostgresLoginBytesMax), "a shorter one");
    constexpr std::array<std::string_view, 2> kReserved{"public", "none"};
    if (std::ranges::find(kReserved, name) != kReserved.end() || name.starts_with("pg_"))
        return refuse("PostgreSQL keeps it for itself", "such as stemma_ro");
    return {};
}

class Script {
public:
    Script(const Mapping& mapping, const GrantOrder& order) : mapping_{mapping}, order_{order} {
        if (order.engine != sql::Engine::postgresql) return;
        for (const MappedQuery& query : mapping.queries)
            if (query.cursor && query.cursor->touched)
                for (const auto& [table, times] : query.cursor->touched->tables) followed_.insert(table);
    }

    std::string take() {
        const bool mariadb = order_.engine == sql::Engine::mariadb;
        line("-- A login that may read what the mapping {} reads of {} {}, and nothing else. For the administrator of the ERP's database.",
             mapping_.name, one_line(mapping_.erp), one_line(mapping_.version));
        if (order_.database.empty()) line("-- To be run in the ERP's own database.");
        mariadb ? mariadb_login() : postgresql_login();
        Tables always;
        if (mariadb) merge(always, mapping_.fingerprint);  // MariaDB shows a login no names that it may not read
        for (const MappedQuery& query : mapping_.queries) merge(always, query.tables);
        for (const Part& part : mapping_.parts)
            if (part.optional.empty()) merge(always, part.tables);
        grants(always);
        for (const Part& part : mapping_.parts)
            if (!part.optional.empty()) optional(part, always);
        if (mariadb) return std::move(text_);
        line("\n-- So that this login cannot write even where somebody gives it the right.");
        line("ALTER ROLE {} SET default_transaction_read_only = on;", login_);
        return std::move(text_);
    }

private:
    template <class... Args>
    void line(fmt::format_string<Args...> form, Args&&... args) {
        text_ += fmt::format(form, std::forward<Args>(args)...) + '\n';
    }

    void postgresql_login() {
        login_ = sql::quoted(order_.login, '"');
        line("\nCREATE ROLE {} LOGIN CONNECTION LIMIT {};", login_, kReaderConnections);
        line("-- It has no password yet. Choose one: ALTER ROLE {} PASSWORD '...';", login_);
        if (!order_.database.empty()) line("GRANT CONNECT ON DATABASE {} TO {};", sql::quoted(order_.database, '"'), login_);
        std::set<std::string> schemas;
        if (order_.there != nullptr)
            for (const auto& [table, columns] : tables_read(mapping_))
                if (const auto found = order_.there->tables.find(table); found != order_.there->tables.end())
                    schemas.insert(found->second.schema);
        if (schemas.empty()) schemas.insert("public");
        for (const std::string& schema : schemas) line("GRANT USAGE ON SCHEMA {} TO {};", sql::quoted(schema, '"'), login_);
    }

    void mariadb_login() {
        login_ = mariadb_login_of(order_.login);
        line("\nCREATE USER {} WITH MAX_USER_CONNECTIONS {} ACCOUNT LOCK;", login_, kReaderConnections);
        line("-- It is locked until it has a password. Choose one: ALTER USER {} IDENTIFIED BY '...' ACCOUNT UNLOCK;", login_);
    }

    [[nodiscard]] std::string table_name(const std::string& table) const {
        const bool mariadb = order_.engine == sql::Engine::mariadb;
        const char quote = mariadb ? '`' : '"';
        std::string front = mariadb ? order_.database : std::string{};
        if (!mariadb && order_.there != nullptr)
            if (const auto found = order_.there->tables.find(table); found != order_.there->tables.end()) front = found->second.schema;
        return front.empty() ? sql::quoted(table, quote) : sql::quoted(front, quote) + '.' + sql::quoted(table, quote);
    }

    /// Columns that are not there cannot be granted.
    [[nodiscard]] std::string columns_of(const std::string& table, std::vector<std::string> columns) const {
        if (order_.whole_tables) return {};
        if (order_.there != nullptr && !order_.there->hides_unreadable)
            std::erase_if(columns, [&](const std::string& column) { return !order_.there->has({table, column}); });
        if (followed_.contains(table)) {
            columns.insert(columns.begin(), "xmin");
            columns.emplace_back("ctid");
        }
        const char quote = order_.engine == sql::Engine::mariadb ? '`' : '"';
        for (std::string& column : columns) column = sql::quoted(column, quote);
        return fmt::format(" ({})", fmt::join(columns, ", "));
    }

    void grants(const Tables& tables) {
        for (const auto& [table, columns] : tables) {
            if (absent(table)) {
                line("-- {} is not there: the mapping does not fit this database", one_line(table_name(table)));
                continue;
            }
            line("GRANT SELECT{} ON {} TO {};", columns_of(table, columns), table_name(table), login_);
        }
    }

    [[nodiscard]] bool absent(const std::string& table) const {
        return order_.there != nullptr && !order_.there->hides_unreadable && !order_.there->has({table, {}});
    }

    /// A module's tables, where it is there; apart from the others, since a GRANT on a table that is not there fails.
    void optional(const Part& part, const Tables& always) {
        if (order_.there != nullptr && !order_.there->hides_unreadable &&
            std::ranges::none_of(part.optional, [&](const CatalogueName& name) { return order_.there->has(name); })) {
            line("-- Not there: {}.", one_line(part.without));
            return;
        }
        Tables own;
        for (const auto& [table, columns] : part.tables) {
            const auto known = always.find(table);
            for (const std::string& column : columns)
                if (known == always.end() || std::ranges::find(known->second, column) == known->second.end()) own[table].push_back(column);
        }
        if (order_.whole_tables) std::erase_if(own, [&](const auto& entry) { return always.contains(entry.first); });
        if (own.empty()) return;
        if (order_.there == nullptr || order_.there->hides_unreadable)
            line("-- Where the module is installed; without it, {}:", one_line(part.without));
        grants(own);
    }

    const Mapping& mapping_;
    const GrantOrder& order_;
    std::set<std::string> followed_;  ///< tables whose changed rows PostgreSQL tells by their transaction (xmin) and place (ctid)
    std::string login_;
    std::string text_;
};

}  // namespace

std::string grant_sql(sql::Engine engine, const Catalogue& there, const std::string& table) {
    if (engine != sql::Engine::mariadb)
        return fmt::format("GRANT SELECT ON {} TO {}", sql::quoted_name(table), sql::quoted_name(there.login));
    return fmt::format("GRANT SELECT ON {}.{} TO {}", sql::quoted(there.database, '`'), sql::quoted(table, '`'),
                       mariadb_login_of(there.login));
}

Result<std::string> grants_sql(const Mapping& mapping, const GrantOrder& order) {
    if (order.engine == sql::Engine::sqlite)
        return fail(Errc::invalid_input, "SQLite has no logins: who may read is said by the file's permissions", {},
                    "chmod and chown; Stemma opens the file for reading only");
    const bool mariadb = order.engine == sql::Engine::mariadb;
    const std::string name = mariadb ? order.login.substr(0, order.login.rfind('@')) : order.login;
    if (auto good = check_login(name, order.engine); !good) return std::unexpected(good.error());
    if (mariadb && order.login.contains('@'))
        if (auto good = check_login(order.login.substr(order.login.rfind('@') + 1), order.engine); !good)
            return std::unexpected(good.error());
    return Script{mapping, order}.take();
}

}  // namespace stemma::erp
