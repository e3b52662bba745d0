#include "adapters/erp/suggest_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "adapters/erp/sql_text.hpp"

namespace stemma::erp {
namespace {

constexpr std::size_t kCommentColumns = 130;

}  // namespace

std::string yaml_name(std::string_view name) {
    constexpr std::array<std::string_view, 4> kWords{"null", "true", "false", ""};
    const bool plain = std::ranges::all_of(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }) &&
                       std::ranges::find(kWords, name) == kWords.end() && std::isdigit(static_cast<unsigned char>(name.front())) == 0;
    if (plain) return std::string{name};
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string yaml_comment(std::string_view text, std::size_t indent) {
    std::string clean{text};
    std::ranges::replace_if(
        clean, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    const std::string front = std::string(indent, ' ') + "# ";
    std::string out;
    std::string_view rest = clean;
    bool first = true;
    while (!rest.empty()) {
        const std::string lead = first ? front : front + "  ";
        std::size_t end = rest.size();
        if (lead.size() + end > kCommentColumns) {
            const std::size_t blank = rest.rfind(' ', kCommentColumns - lead.size());
            end = blank == std::string_view::npos || blank == 0 ? std::min(rest.find(' '), rest.size()) : blank;
        }
        out += lead + std::string{rest.substr(0, end)} + '\n';
        rest.remove_prefix(std::min(end + 1, rest.size()));
        first = false;
    }
    return out;
}

std::string yaml_tables(const Tables& tables, std::size_t indent) {
    std::string out;
    for (const auto& [table, columns] : tables) {
        std::vector<std::string> names;
        names.reserve(columns.size());
        for (const std::string& column : columns) names.push_back(yaml_name(column));
        out += fmt::format("{}{}: [{}]\n", std::string(indent, ' '), yaml_name(table), fmt::join(names, ", "));
    }
    return out;
}

std::string plain_word(std::string_view name) {
    std::string word;
    for (const char c : name) {
        const auto letter = static_cast<unsigned char>(c);
        if (std::isalnum(letter) != 0)
            word += static_cast<char>(std::tolower(letter));
        else if (!word.empty() && word.back() != '_')
            word += '_';
    }
    while (!word.empty() && word.back() == '_') word.pop_back();
    if (word.empty() || std::isalpha(static_cast<unsigned char>(word.front())) == 0) word.insert(0, "t_");
    return word.substr(0, 28);
}

std::string literal(std::string_view value, ColumnType type) {
    if (type == ColumnType::integer && !value.empty() &&
        std::ranges::all_of(value, [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }))
        return std::string{value};
    std::string quoted = "'";
    for (const char c : value) {
        if (c == ':' || c == '\\' || static_cast<unsigned char>(c) < 0x20) return {};
        if (c == '\'') quoted += c;
        quoted += c;
    }
    return quoted + '\'';
}

std::string QueryText::from_text(const Alias& alias) const { return fmt::format("{} {}", quoted_name(alias.table->name), alias.name); }

std::string QueryText::column(const Alias& alias, const std::string& column) {
    std::vector<std::string>& known = tables_[alias.table->name];
    if (std::ranges::find(known, column) == known.end()) known.push_back(column);
    return fmt::format("{}.{}", alias.name, quoted_name(column));
}

std::string QueryText::key(const Alias& alias, const std::vector<std::string>& columns) {
    std::vector<std::string> parts;
    parts.reserve(columns.size());
    for (const std::string& one : columns) parts.push_back(column(alias, one));
    return fmt::format("{}", fmt::join(parts, " || '/' || "));
}

ColumnType QueryText::key_type(const ForeignTable& table, const std::vector<std::string>& columns) const {
    const ForeignColumn* only = columns.size() == 1 ? table.find(columns.front()) : nullptr;
    return only != nullptr && only->kind == ColumnType::integer ? ColumnType::integer : ColumnType::text;
}

Alias QueryText::join(const Alias& alias, const ForeignReference& reference, const ForeignTable& other, std::string name) {
    for (const Alias& known : joined_)
        if (known.table == &other && known.name == name) return known;
    Alias made{&other, std::move(name)};
    std::vector<std::string> pairs;
    for (std::size_t i = 0; i < reference.columns.size(); ++i) {
        std::string theirs = column(made, reference.to[i]);
        pairs.push_back(fmt::format("{} = {}", theirs, column(alias, reference.columns[i])));
    }
    const ForeignColumn* own = alias.table->find(reference.columns.front());
    const bool always = alias.name == main_.name && own != nullptr && !own->nullable && !reference.by_name;
    from_ += fmt::format("\n{} {} ON {}", always ? "JOIN" : "LEFT JOIN", from_text(made), fmt::join(pairs, " AND "));
    joined_.push_back(made);
    return made;
}

void QueryText::read_numbers_of(const std::vector<NumberedIn>& tables) {
    std::vector<std::string> selects;
    selects.reserve(tables.size());
    for (const NumberedIn& one : tables) {
        const Alias alias{one.table, "m"};
        const std::string product = column(alias, one.product);
        const std::string number = column(alias, one.number);
        selects.push_back(
            fmt::format("SELECT {0} AS product_key, {1} AS number FROM {2} WHERE {1} <> ''", product, number, from_text(alias)));
    }
    from_ = fmt::format("({}) {}", fmt::join(selects, "\nUNION "), main_.name);
}

void QueryText::select(std::string name, const std::string& expression, ColumnType type, bool nullable) {
    select_.push_back(fmt::format("{} AS {}", expression, name));
    columns_.push_back(fmt::format("{}: {}{}", name, to_string(type), nullable ? "?" : ""));
}

std::string QueryText::as_text(const std::string& expression) const {
    return fmt::format("CAST({} AS {})", expression, engine_ == sql::Engine::mariadb ? "CHAR" : "TEXT");
}

std::string QueryText::as_date(const std::string& expression, ColumnType type) const {
    if (engine_ == sql::Engine::mariadb)
        return fmt::format("CASE WHEN MONTH({0}) = 0 OR DAY({0}) = 0 THEN NULL ELSE CAST({0} AS DATE) END", expression);
    if (type == ColumnType::date) return expression;
    return engine_ == sql::Engine::sqlite ? fmt::format("substr({}, 1, 10)", expression) : fmt::format("CAST({} AS DATE)", expression);
}

std::string QueryText::yaml() const {
    std::string out;
    for (const std::string& remark : remarks_) out += yaml_comment(remark, 2);
    out += fmt::format("  - name: {}\n    table: {}\n    key: {}\n", name_, yaml_name(main_.table->name), key_);
    if (!changed_.empty()) out += fmt::format("    cursor: {{changed: {}, id: {}}}\n", changed_, key_);
    out += fmt::format("    tables:\n{}    columns:\n", yaml_tables(tables_, 6));
    for (const std::string& column : columns_) out += fmt::format("      {}\n", column);
    std::string sql = fmt::format("SELECT {}\nFROM {}", fmt::join(select_, ",\n"), from_);
    if (!where_.empty()) sql += fmt::format("\nWHERE {}", fmt::join(where_, "\nAND "));
    if (!group_.empty()) sql += "\nGROUP BY " + group_;
    out += "    sql: >-\n";
    for (std::size_t begin = 0; begin < sql.size();) {
        const std::size_t end = std::min(sql.find('\n', begin), sql.size());
        out += fmt::format("      {}\n", sql.substr(begin, end - begin));
        begin = end + 1;
    }
    return out + "    record:\n" + record_;
}

}  // namespace stemma::erp
