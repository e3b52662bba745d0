#include "adapters/erp/sql_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "adapters/erp/decode.hpp"
#include "core/base/text.hpp"

namespace stemma::erp {
namespace {

constexpr std::array<std::string_view, 39> kForbiddenWords{
    "insert",     "update",   "delete",    "merge",     "drop",    "alter",     "create",   "truncate",     "grant",   "revoke",
    "attach",     "detach",   "pragma",    "vacuum",    "reindex", "copy",      "call",     "do",           "execute", "prepare",
    "listen",     "notify",   "lock",      "set",       "begin",   "commit",    "rollback", "into",         "nextval", "setval",
    "set_config", "readfile", "writefile", "load_file", "sleep",   "benchmark", "get_lock", "release_lock", "handler"};
constexpr std::array<std::string_view, 5> kForbiddenBeginnings{"pg_", "lo_", "dblink", "load_ext", "query_to_xml"};

bool is_word_char(char c) noexcept { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::unexpected<Error> refuse(std::string message, std::string hint = {}) {
    return fail(Errc::config, std::move(message), {}, std::move(hint));
}

Result<void> check_word(std::string_view word) {
    std::string lower{word};
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool forbidden = std::ranges::find(kForbiddenWords, lower) != kForbiddenWords.end() ||
                           std::ranges::any_of(kForbiddenBeginnings, [&](std::string_view front) { return lower.starts_with(front); });
    if (forbidden) return refuse(fmt::format("'{}' has no place in a SELECT", clip(word)), "a column of that name goes in double quotes");
    return {};
}

Result<void> check_character(std::string_view rest) {
    if (rest.front() == '`') return refuse("the SQL holds a '`'", "names go in double quotes");
    if (std::string_view{":;\\$?#"}.contains(rest.front()))
        return refuse(fmt::format("the SQL holds a '{}'", rest.front()),
                      "a SELECT has no placeholders, casts by '::' or second statements");
    if (rest.starts_with("--") || rest.starts_with("/*"))
        return refuse("the SQL holds a comment", "write it above the key, as a comment of the YAML file");
    if (static_cast<unsigned char>(rest.front()) < 0x20 && rest.front() != '\n' && rest.front() != '\t')
        return refuse("the SQL holds a control character");
    return {};
}

/// The end of the quoted text that begins at `begin`, behind its closing quote; npos without one. A doubled quote closes and opens again.
std::size_t end_of_quoted(std::string_view sql, std::size_t begin) noexcept {
    const std::size_t end = sql.find(sql[begin], begin + 1);
    return end == std::string_view::npos ? end : end + 1;
}

std::string_view type_in_mariadb(ColumnType type) noexcept {
    switch (type) {
        case ColumnType::integer:
        case ColumnType::boolean: return "SIGNED";
        case ColumnType::decimal: return "DOUBLE";
        case ColumnType::text: return "CHAR";
        case ColumnType::date: return "DATE";
        case ColumnType::time: return "DATETIME";
    }
    return "CHAR";
}

std::string_view type_in_sql(ColumnType type, sql::Engine engine) noexcept {
    if (engine == sql::Engine::mariadb) return type_in_mariadb(type);
    switch (type) {
        case ColumnType::integer: return "BIGINT";
        case ColumnType::decimal: return "DOUBLE PRECISION";
        case ColumnType::text: return "TEXT";
        case ColumnType::date: return "DATE";
        case ColumnType::time: return "TIMESTAMP";
        case ColumnType::boolean: return "BOOLEAN";
    }
    return "TEXT";
}

}  // namespace

Result<void> check_sql_form(std::string_view sql) {
    constexpr std::string_view first = "select";
    const bool selects = sql.size() > first.size() && !is_word_char(sql[first.size()]) &&
                         std::ranges::equal(sql.substr(0, first.size()), first,
                                            [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
    if (!selects) return refuse("the SQL does not begin with SELECT");
    int depth = 0;
    for (std::size_t i = 0; i < sql.size();) {
        const char c = sql[i];
        if (c == '\'' || c == '"') {
            const std::size_t end = end_of_quoted(sql, i);
            if (end == std::string_view::npos) return refuse("a quoted text does not end");
            for (const char inner : sql.substr(i, end - i))
                if (inner == ':' || inner == '\\') return refuse(fmt::format("the SQL holds a '{}'", inner));
            i = end;
            continue;
        }
        if (is_word_char(c)) {
            const std::size_t begin = i;
            while (i < sql.size() && is_word_char(sql[i])) ++i;
            if (auto ok = check_word(sql.substr(begin, i - begin)); !ok) return ok;
            continue;
        }
        if (auto ok = check_character(sql.substr(i)); !ok) return ok;
        if (c == '(') ++depth;
        if (c == ')' && --depth < 0) break;
        ++i;
    }
    if (depth != 0) return refuse("the brackets of the SQL do not match");
    return {};
}

std::string with_parts(const Mapping& mapping, const MappedQuery& query, const std::set<std::size_t>& absent, const Selection& selection) {
    std::string text;
    for (const std::size_t index : query.uses) {
        const Part& part = mapping.parts[index];
        std::string names;
        std::string nulls;
        for (const Column& column : part.columns) {
            const std::string_view comma = names.empty() ? "" : ", ";
            names += fmt::format("{}{}", comma, quoted_name(column.name));
            nulls += fmt::format("{}CAST(NULL AS {})", comma, type_in_sql(column.type, selection.engine));
        }
        const std::string body = absent.contains(index) ? fmt::format("SELECT {} WHERE 1 = 0", nulls) : part.sql;
        text += fmt::format("{}{} ({}) AS {}({})", text.empty() ? "WITH RECURSIVE " : ", ", quoted_name(part.name), names,
                            selection.inlined ? "NOT MATERIALIZED " : "", body);
    }
    if (!selection.more.empty()) text += text.empty() ? "WITH RECURSIVE " + selection.more.substr(2) : selection.more;
    return text.empty() ? text : text + ' ';
}

std::string compose(const Mapping& mapping, const MappedQuery& query, const std::set<std::size_t>& absent, const Selection& selection) {
    std::string text = fmt::format("{}SELECT * FROM ({}) AS q", with_parts(mapping, query, absent, selection), query.sql);
    const std::string changed = query.cursor ? quoted_name(query.columns[query.cursor->changed].name) : "";
    const std::string since = selection.since && query.cursor ? fmt::format("{0} >= {1} OR {0} IS NULL", changed, *selection.since) : "";
    const std::string keys = selection.keys ? fmt::format("{} IN {}", quoted_name(query.columns[query.key].name), *selection.keys) : "";
    if (!since.empty() || !keys.empty()) text += fmt::format(" WHERE {}{}{}", keys, since.empty() || keys.empty() ? "" : " OR ", since);
    if (query.cursor && selection.ordered)
        text += fmt::format(" ORDER BY {}, {}", changed, quoted_name(query.columns[query.cursor->id].name));
    if (selection.rows) text += fmt::format(" LIMIT {}", *selection.rows);
    return text;
}

std::string compose_keys(const Mapping& mapping, const MappedQuery& query, const std::set<std::size_t>& absent,
                         const Selection& selection) {
    return fmt::format("{}SELECT {} FROM ({}) AS q", with_parts(mapping, query, absent, selection),
                       quoted_name(query.columns[query.key].name), query.sql);
}

Result<std::string> key_literal(const MappedQuery& query, std::string_view key) {
    const Column& column = query.columns[query.key];
    auto decoded = decode(column, key);
    if (!decoded) return fail(Errc::config, fmt::format("a key of query '{}': {}", query.name, decoded.error().message), query.where);
    return column.type == ColumnType::integer ? **decoded : quoted_text(**decoded);
}

}  // namespace stemma::erp
