// One query of a proposed mapping while it is put together, and its YAML. Every name that the SQL uses is noted under `tables` as it is
// used, so that the login's rights follow from the text. Internal to suggest.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/erp/suggest_catalogue.hpp"

namespace stemma::erp {

/// A table under its alias in one query.
struct Alias {
    const ForeignTable* table{nullptr};
    std::string name;
};

class QueryText {
public:
    QueryText(std::string name, const ForeignTable& table, sql::Engine engine)
        : name_{std::move(name)}, engine_{engine}, main_{&table, "t"}, from_{from_text(main_)} {}

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const Alias& main() const noexcept { return main_; }
    [[nodiscard]] const Tables& tables() const noexcept { return tables_; }

    /// `t."column"`.
    [[nodiscard]] std::string column(const Alias& alias, const std::string& column);
    /// The key of a row, of a reference: its columns, several of them as one text with '/' between.
    [[nodiscard]] std::string key(const Alias& alias, const std::vector<std::string>& columns);
    [[nodiscard]] ColumnType key_type(const ForeignTable& table, const std::vector<std::string>& columns) const;
    /// Joins `other` by a reference of `alias`; the same one twice is joined once.
    Alias join(const Alias& alias, const ForeignReference& reference, const ForeignTable& other, std::string name);

    /// Reads the rows that several tables have in common instead of the main one: of each table a column as `number` and one as `product`.
    struct NumberedIn {
        const ForeignTable* table;
        std::string product, number;
    };
    void read_numbers_of(const std::vector<NumberedIn>& tables);

    void select(std::string name, const std::string& expression, ColumnType type, bool nullable);
    void where(std::string condition) { where_.push_back(std::move(condition)); }
    void group_by(std::string columns) { group_ = std::move(columns); }
    void set_key(std::string column) { key_ = std::move(column); }
    void set_cursor(std::string changed) { changed_ = std::move(changed); }
    void set_record(std::string yaml) { record_ = std::move(yaml); }  ///< what stands under `record:`, indented by six
    void remark(std::string text) { remarks_.push_back(std::move(text)); }
    void check(const std::string& text) { remarks_.push_back("CHECK: " + text); }

    [[nodiscard]] std::string as_text(const std::string& expression) const;
    /// A date without a time of day, of a column that may hold MariaDB's zero dates.
    [[nodiscard]] std::string as_date(const std::string& expression, ColumnType type) const;

    [[nodiscard]] std::string yaml() const;

private:
    [[nodiscard]] std::string from_text(const Alias& alias) const;

    std::string name_;
    sql::Engine engine_;
    Alias main_;
    std::string from_;
    std::vector<Alias> joined_;
    Tables tables_;
    std::vector<std::string> select_, columns_, where_, remarks_;
    std::string group_, key_, changed_, record_;
};

/// A name as a YAML key or value: in double quotes where it needs them.
[[nodiscard]] std::string yaml_name(std::string_view name);
/// A text as comment lines of at most `width` columns, each ended; the first begins with `indent` and "# ".
[[nodiscard]] std::string yaml_comment(std::string_view text, std::size_t indent);
/// `{table: [columns]}` as lines.
[[nodiscard]] std::string yaml_tables(const Tables& tables, std::size_t indent);
/// Letters, digits and '_' in lower case, for the names of queries, ids and documents.
[[nodiscard]] std::string plain_word(std::string_view name);
/// A text as an SQL literal; "" where a mapping's SQL cannot hold it.
[[nodiscard]] std::string literal(std::string_view value, ColumnType type);

}  // namespace stemma::erp
