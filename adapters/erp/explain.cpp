// Plans are read in the form that changes least between versions: PostgreSQL's JSON, MariaDB's table, SQLite's lines. A mapping's SQL is
// looked at as words, no further than what a hint needs: names behind FROM and JOIN, and the SELECT list of the outermost query.
#include "adapters/erp/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <string_view>
#include <utility>

#include "adapters/erp/sql_text.hpp"
#include "core/config/tree.hpp"

namespace stemma::erp {
namespace {

std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{value} : std::nullopt;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
    const auto value = number(text);
    return value && *value >= 0 && *value < 1e18 ? std::optional{static_cast<std::uint64_t>(*value)} : std::nullopt;
}

// --- PostgreSQL ---------------------------------------------------------------------------------------------------------------------

std::string_view value_of(const config::Node& node, std::string_view key) {
    const config::Node* found = node.find(key);
    return found == nullptr ? std::string_view{} : std::string_view{found->raw()};
}

void note_whole(const config::Node& node, Plan& plan) {
    const std::string_view kind = value_of(node, "Node Type");
    const bool by_index = kind == "Index Scan" || kind == "Index Only Scan";
    if (kind == "Seq Scan" || (by_index && node.find("Index Cond") == nullptr)) plan.whole.emplace(value_of(node, "Relation Name"));
    if (const config::Node* below = node.find("Plans"))
        for (const config::Node& child : below->items()) note_whole(child, plan);
}

Result<Plan> postgresql_plan(sql::Session& session, const std::string& select) {
    const std::string text = "EXPLAIN (FORMAT JSON) " + select;
    const auto json = session.first({"erp.plan", text.c_str()}, {}, [](const sql::Row& row) { return std::string{row.text(0)}; });
    if (!json) return std::unexpected(json.error());
    const auto tree = config::read_yaml_text(json->value_or(""), "plan");  // JSON is YAML
    if (!tree) return std::unexpected(tree.error());
    Plan plan;
    for (const config::Node& entry : tree->root().items()) {
        const config::Node* top = entry.find("Plan");
        if (top == nullptr) continue;
        plan.cost = number(value_of(*top, "Total Cost"));
        plan.rows = whole_number(value_of(*top, "Plan Rows"));
        note_whole(*top, plan);
    }
    return plan;
}

// --- MariaDB ------------------------------------------------------------------------------------------------------------------------

constexpr sql::Query kLastCost{"erp.plan.cost", "SHOW SESSION STATUS LIKE 'Last_query_cost'"};

/// The table form: FORMAT=JSON names a key twice where one block reads two tables, and says no more of what is wanted here.
Result<Plan> mariadb_plan(sql::Session& session, const std::string& select) {
    const std::string text = "EXPLAIN " + select;
    const sql::Query query{"erp.plan", text.c_str()};
    const auto names = session.columns(query);
    if (!names) return std::unexpected(names.error());
    const auto place = [&](std::string_view name) { return static_cast<std::size_t>(std::ranges::find(*names, name) - names->begin()); };
    const std::size_t table = place("table");
    const std::size_t type = place("type");
    const std::size_t rows = place("rows");
    if (std::max({table, type, rows}) >= names->size()) return fail(Errc::storage, "EXPLAIN gives other columns than it is known for");
    Plan plan;
    const auto note = [&](const sql::Row& row) {
        if (row.text(type) == "ALL" || row.text(type) == "index") plan.whole.emplace(row.text(table));
        if (const auto looked_at = whole_number(row.text(rows))) plan.rows = plan.rows.value_or(0) + *looked_at;
    };
    if (auto read = session.each(query, {}, note); !read) return std::unexpected(read.error());
    if (const auto cost = session.first(kLastCost, {}, [](const sql::Row& row) { return std::string{row.text(1)}; }); cost && *cost)
        if (const auto told = number(**cost); told && *told > 0) plan.cost = told;  // 0: it does not add up queries inside queries
    return plan;
}

// --- SQLite -------------------------------------------------------------------------------------------------------------------------

Result<Plan> sqlite_plan(sql::Session& session, const std::string& select) {
    const std::string text = "EXPLAIN QUERY PLAN " + select;
    Plan plan;
    const auto note = [&](const sql::Row& row) {
        std::string_view line = row.text(3);
        constexpr std::string_view scan = "SCAN ";
        if (!line.starts_with(scan)) return;
        line.remove_prefix(scan.size());
        std::size_t end = line.find(" USING ");
        if (end == std::string_view::npos && line.ends_with(" LEFT-JOIN")) end = line.size() - std::string_view{" LEFT-JOIN"}.size();
        plan.whole.emplace(line.substr(0, end));
    };
    if (auto read = session.each({"erp.plan", text.c_str()}, {}, note); !read) return std::unexpected(read.error());
    return plan;
}

// --- the mapping's SQL as words -------------------------------------------------------------------------------------------------------

/// A word, a quoted name or text, or one other character.
struct Token {
    std::string text;  ///< without quotes
    char kind{'w'};    ///< 'w' word, 'n' quoted name, 't' quoted text, else the character
    std::size_t begin{0}, end{0};
};

std::string lower(std::string_view text) {
    std::string made{text};
    std::ranges::transform(made, made.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return made;
}

std::vector<Token> tokens_of(std::string_view sql) {
    std::vector<Token> tokens;
    const auto in_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    for (std::size_t i = 0; i < sql.size();) {
        const std::size_t begin = i;
        const char c = sql[i];
        if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            ++i;
        } else if (c == '\'' || c == '"') {
            i = std::min(sql.find(c, i + 1), sql.size() - 1) + 1;
            tokens.push_back({std::string{sql.substr(begin + 1, i - begin - 2)}, c == '"' ? 'n' : 't', begin, i});
        } else if (in_word(c)) {
            while (i < sql.size() && in_word(sql[i])) ++i;
            tokens.push_back({std::string{sql.substr(begin, i - begin)}, 'w', begin, i});
        } else {
            tokens.push_back({std::string(1, c), c, begin, ++i});
        }
    }
    return tokens;
}

bool is_word(const Token& token, std::string_view word) { return token.kind == 'w' && lower(token.text) == word; }
bool is_name(const Token& token) { return token.kind == 'w' || token.kind == 'n'; }

/// Words that may stand behind a table's name and are no alias of it.
bool ends_table(const Token& token) {
    constexpr std::array<std::string_view, 14> kWords{"on",    "join",  "left",  "right", "inner", "cross",  "where",
                                                      "group", "order", "union", "limit", "using", "having", "natural"};
    return token.kind == 'w' && std::ranges::find(kWords, lower(token.text)) != kWords.end();
}

/// (table, what the SQL calls it) for each name behind FROM, JOIN, or a comma of a FROM.
std::vector<std::pair<std::string, std::string>> tables_named(std::string_view sql) {
    std::vector<std::pair<std::string, std::string>> found;
    const std::vector<Token> tokens = tokens_of(sql);
    bool expected = false;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (is_word(tokens[i], "from") || is_word(tokens[i], "join")) {
            expected = true;
            continue;
        }
        if (!std::exchange(expected, false) || !is_name(tokens[i])) continue;
        std::size_t next = i + 1;
        if (next < tokens.size() && is_word(tokens[next], "as")) ++next;
        const bool has_alias = next < tokens.size() && is_name(tokens[next]) && !ends_table(tokens[next]);
        found.emplace_back(tokens[i].text, has_alias ? tokens[next].text : tokens[i].text);
        const std::size_t after = has_alias ? next + 1 : i + 1;
        if (after < tokens.size() && tokens[after].kind == ',') {
            expected = true;
            i = after;
        }
    }
    return found;
}

/// The text of the outermost SELECT list's entry `index`, without its "AS name"; "" where there is a UNION or no such entry.
std::string_view select_entry(std::string_view sql, std::size_t index) {
    const std::vector<Token> tokens = tokens_of(sql);
    int depth = 0;
    std::size_t entry = 0;
    std::size_t begin = 0;
    std::string_view found;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i].kind == '(') ++depth;
        if (tokens[i].kind == ')') --depth;
        if (depth != 0) continue;
        if (is_word(tokens[i], "union")) return {};
        if (i == 0) {
            begin = i + 1;
            continue;
        }
        const bool comma = tokens[i].kind == ',' && begin != 0;
        const bool from = is_word(tokens[i], "from");
        if ((!comma && !from) || begin == 0) continue;
        if (entry++ == index && i > begin) {
            std::size_t last = i - 1;
            if (last >= begin + 2 && is_word(tokens[last - 1], "as")) last -= 2;
            found = sql.substr(tokens[begin].begin, tokens[last].end - tokens[begin].begin);
        }
        begin = from ? 0 : i + 1;
    }
    return found;
}

/// Words of an expression that name no column.
bool is_function(std::string_view word) {
    constexpr std::array<std::string_view, 12> kWords{"coalesce", "greatest", "max",  "case", "when", "then",
                                                      "else",     "end",      "null", "is",   "not",  "and"};
    return std::ranges::find(kWords, lower(word)) != kWords.end();
}

}  // namespace

Result<Plan> plan_of(sql::Session& session, const std::string& select) {
    switch (session.engine()) {
        case sql::Engine::sqlite: return sqlite_plan(session, select);
        case sql::Engine::postgresql: return postgresql_plan(session, select);
        case sql::Engine::mariadb: break;
    }
    return mariadb_plan(session, select);
}

std::set<std::string> tables_called(const std::string& name, const Mapping& mapping, const MappedQuery& query) {
    const auto is_part = [&](const std::string& table) {
        return std::ranges::any_of(mapping.parts, [&](const Part& part) { return part.name == table; });
    };
    std::set<std::string> tables;
    const auto look = [&](const std::string& sql) {
        for (const auto& [table, alias] : tables_named(sql))
            if (lower(alias) == lower(name) && !is_part(table)) tables.insert(table);
    };
    look(query.sql);
    for (const std::size_t part : query.uses) look(mapping.parts[part].sql);
    return tables;
}

ChangeTime change_time_of(const Mapping& mapping, const MappedQuery& query) {
    ChangeTime made;
    if (!query.cursor) return made;
    const std::string_view entry = select_entry(query.sql, query.cursor->changed);
    if (entry.empty()) return made;
    const auto named = tables_named(query.sql);
    const std::vector<Token> tokens = tokens_of(entry);
    std::size_t columns = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (!is_name(tokens[i]) || (tokens[i].kind == 'w' && is_function(tokens[i].text))) {
            if (tokens[i].kind == 't') return {};  // a text in it: no plain change time
            made.expression += tokens[i].kind == 'w' && i != 0 ? " " + tokens[i].text + " " : tokens[i].text;
            if (tokens[i].kind == ',') made.expression += ' ';
            continue;
        }
        if (i + 1 < tokens.size() && tokens[i + 1].kind == '(') return {};  // another function: it may depend on the session
        std::string table = named.empty() ? std::string{} : named.front().first;
        std::size_t column = i;
        if (i + 2 < tokens.size() && tokens[i + 1].kind == '.' && is_name(tokens[i + 2])) {
            const auto found = std::ranges::find(named, tokens[i].text, &std::pair<std::string, std::string>::second);
            table = found == named.end() ? std::string{} : found->first;
            column = i + 2;
        } else if (named.size() != 1) {
            return {};  // whose column it is does not show
        }
        const bool of_part = std::ranges::any_of(mapping.parts, [&](const Part& part) { return part.name == table; });
        if (table.empty() || of_part) return {};
        made.tables.insert(table);
        made.column = tokens[column].text;
        made.expression += quoted_name(tokens[column].text);
        ++columns;
        i = column;
    }
    if (columns != 1 || made.expression != quoted_name(made.column)) made.column.clear();
    return made;
}

std::string helpful_index(const ChangeTime& changed, const std::string& table, sql::Engine engine, std::string& why) {
    if (engine == sql::Engine::sqlite) {
        why = "SQLite reads it whole in order of its change time, with an index or without";
        return {};
    }
    if (!changed.known()) {
        why = "where its change time comes from does not show in the query";
        return {};
    }
    if (changed.tables.size() > 1 || !changed.tables.contains(table)) {
        why = changed.tables.contains(table) ? "its change time is made of columns of several tables: no index finds it"
                                             : "it is read to be joined, not for its own change time";
        return {};
    }
    if (engine == sql::Engine::mariadb) {
        if (changed.column.empty()) {
            why = "its change time is made of several columns, and MariaDB has no index on an expression";
            return {};
        }
        return fmt::format("CREATE INDEX `stemma_{0}_changed` ON `{0}` (`{1}`);", table, changed.column);
    }
    return fmt::format("CREATE INDEX {} ON {} ({});", quoted_name(fmt::format("stemma_{}_changed", table)), quoted_name(table),
                       changed.column.empty() ? "(" + changed.expression + ")" : quoted_name(changed.column));
}

std::set<std::string> joined_by(const std::string& table, const Mapping& mapping, const MappedQuery& query) {
    std::set<std::string> columns;
    const auto look = [&](const std::string& sql) {
        std::set<std::string> aliases;
        for (const auto& [named, alias] : tables_named(sql))
            if (named == table) aliases.insert(alias);
        const std::vector<Token> tokens = tokens_of(sql);
        for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
            const bool column =
                is_name(tokens[i]) && aliases.contains(tokens[i].text) && tokens[i + 1].kind == '.' && is_name(tokens[i + 2]);
            const bool beside = (i > 0 && tokens[i - 1].kind == '=') || (i + 3 < tokens.size() && tokens[i + 3].kind == '=');
            if (column && beside) columns.insert(tokens[i + 2].text);
        }
    };
    look(query.sql);
    for (const std::size_t part : query.uses) look(mapping.parts[part].sql);
    return columns;
}

Result<std::map<std::string, std::set<std::string>>> indexed_columns(sql::Session& session) {
    constexpr sql::Query sqlite{
        "erp.indexes",
        "SELECT m.name, x.name FROM sqlite_master m JOIN pragma_index_list(m.name) l JOIN pragma_index_info(l.name) x "
        "WHERE m.type = 'table' AND x.seqno = 0 AND x.name IS NOT NULL"};
    constexpr sql::Query postgresql{
        "erp.indexes",
        "SELECT c.relname, a.attname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
        "WHERE i.indisvalid AND pg_catalog.pg_table_is_visible(c.oid)"};
    constexpr sql::Query mariadb{
        "erp.indexes",
        "SELECT table_name, column_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND seq_in_index = 1"};
    const bool is_sqlite = session.engine() == sql::Engine::sqlite;
    std::map<std::string, std::set<std::string>> indexed;
    const auto note = [&](const sql::Row& row) { indexed[std::string{row.text(0)}].emplace(row.text(1)); };
    const bool on_mariadb = session.engine() == sql::Engine::mariadb;
    if (auto read = session.each(is_sqlite ? sqlite : on_mariadb ? mariadb : postgresql, {}, note); !read)
        return std::unexpected(read.error());
    return indexed;
}

}  // namespace stemma::erp
