// Parameters and rows in PostgreSQL's binary form: whole columns of a batch as arrays, for statements with unnest(), and bytes as they are.
// The form is that of the types' send and receive functions: integers in network order; an array is its number of dimensions (1), a flag
// for NULLs, the elements' type (pg_type.oid), their number, the lower bound, then each element's length (-1: NULL) and bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stemma::sql {

/// One parameter. The statement must say its type: `$1::bigint[]`.
class BinaryParameter {
public:
    enum class Element : unsigned char { integer, text, bytes };  ///< bigint, text, bytea

    [[nodiscard]] static BinaryParameter integer(std::int64_t value);
    [[nodiscard]] static BinaryParameter text(std::string_view value);
    /// An array to be filled; `expected` elements save growing.
    [[nodiscard]] static BinaryParameter array(Element element, std::size_t expected = 0);

    void add(std::int64_t value);
    void add(std::string_view value);
    void add(const std::optional<std::int64_t>& value);
    [[nodiscard]] std::size_t size() const noexcept { return count_; }  ///< elements added
    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

private:
    void count_one();
    std::string bytes_;
    std::uint32_t count_{0};
};

/// Rows as COPY takes them in binary: for each the number of its columns, then each column's length and bytes.
class BinaryRows {
public:
    explicit BinaryRows(std::uint16_t columns) : columns_{columns} {}

    void begin_row();  ///< then all its columns, by add()
    void add(std::int64_t value);
    void add(std::string_view value);
    void add(const std::optional<std::int64_t>& value);
    /// The rows of another table's part, after these.
    void add_all(const BinaryRows& later);
    void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
    [[nodiscard]] std::size_t size() const noexcept { return rows_; }
    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

private:
    std::string bytes_;
    std::size_t rows_{0};
    std::uint16_t columns_;
};

/// A row of a result in binary. Views into it live until the visit is over.
class BinaryRow {
public:
    BinaryRow(const void* result, int row) noexcept : result_{result}, row_{row} {}
    [[nodiscard]] bool is_null(std::size_t column) const noexcept;
    [[nodiscard]] std::string_view bytes(std::size_t column) const noexcept;  ///< text or bytea; NULL as ""
    [[nodiscard]] std::int64_t integer(std::size_t column) const noexcept;    ///< bigint; 0 for any other type
    [[nodiscard]] std::uint64_t unsigned_at(std::size_t column) const noexcept { return static_cast<std::uint64_t>(integer(column)); }

private:
    const void* result_;  // PGresult, which no header shows
    int row_;
};

}  // namespace stemma::sql
