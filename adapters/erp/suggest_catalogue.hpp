// A database that no mapping is made for, as its catalogue shows it: tables with columns, types, keys and references, and on request a few
// values of a column. Opened for reading alone, in one snapshot.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/erp/catalogue.hpp"
#include "adapters/erp/mapping.hpp"
#include "adapters/erp/suggest_words.hpp"
#include "adapters/sql/connection.hpp"
#include "adapters/sql/session.hpp"
#include "adapters/sql/transaction.hpp"

namespace stemma::erp {

inline constexpr std::size_t kForeignTablesMax = 5'000;  ///< tables that are looked at
inline constexpr std::size_t kSampleValuesMax = 20;      ///< different values of a column that are looked at
inline constexpr std::size_t kSampleRowsMax = 100'000;   ///< rows that they are looked for in

struct ForeignColumn {
    std::string name;
    std::string type;                ///< as the database writes it
    std::optional<ColumnType> kind;  ///< none for a type that a mapping cannot read
    bool nullable{true};
    Meaning meaning;
};

struct ForeignReference {
    std::vector<std::string> columns;
    std::string table;
    std::vector<std::string> to;
    bool by_name{false};  ///< not declared: guessed by the column's name
};

struct ForeignTable {
    std::string name;
    std::vector<ForeignColumn> columns;
    std::vector<std::string> key;  ///< columns of the primary key
    std::vector<ForeignReference> references;
    Meaning meaning;
    std::string unreadable;  ///< why a mapping cannot read it: a name that the mapping language does not take; "" where it can

    [[nodiscard]] const ForeignColumn* find(const std::string& column) const noexcept;
    /// The reference that begins with `column`, or null.
    [[nodiscard]] const ForeignReference* reference_of(const std::string& column) const noexcept;
};

struct Foreign {
    std::unique_ptr<sql::Session> session;
    std::unique_ptr<sql::Transaction> transaction;
    Catalogue catalogue;
    std::vector<ForeignTable> tables;  ///< no views

    [[nodiscard]] const ForeignTable* find(const std::string& table) const noexcept;
};

/// Errors: Errc::unavailable when the database cannot be reached, Errc::too_large past kForeignTablesMax.
[[nodiscard]] Result<Foreign> open_foreign(const sql::Connection& connection);

/// Up to kSampleValuesMax different values of a column within the first kSampleRowsMax rows, each with how many rows have it, most first;
/// NULL is left out. Empty where the database refuses.
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> values_of(sql::Session& session, const std::string& table,
                                                                           const std::string& column);

}  // namespace stemma::erp
