// Reading the row that a statement stands on.
#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "adapters/sql/error_map.hpp"
#include "adapters/sql/session.hpp"
#include "adapters/sql/session_impl.hpp"

namespace stemma::sql {

Rows::Rows(std::shared_ptr<Prepared> statement, bool has_first)
    : statement_{std::move(statement)}, row_{statement_.get()}, has_first_{has_first} {}

Rows::Rows(Rows&& other) noexcept = default;

Rows::~Rows() {
    if (statement_) statement_->close();
}

Result<void> Rows::check() const {
    if (const std::optional<Error>& misread = statement_->misread) return std::unexpected(*misread);
    return {};
}

Result<bool> Rows::next() {
    if (auto sound = check(); !sound) return fail(std::move(sound));
    if (has_first_) {
        has_first_ = false;
        return true;
    }
    return statement_->owner.fetch(*statement_);
}

std::size_t Row::size() const noexcept {
    if (statement_->mariadb) return statement_->mariadb->columns().size();
    if (statement_->native == nullptr) return statement_->cells.size();
    return static_cast<std::size_t>(sqlite_api::sqlite3_column_count(statement_->native));
}

bool Row::is_null(std::size_t column) const noexcept {
    if (statement_->mariadb) return statement_->mariadb->is_null(column);
    if (statement_->native == nullptr) return statement_->nulls[column] == soci::i_null;
    return sqlite_api::sqlite3_column_type(statement_->native, static_cast<int>(column)) == SQLITE_NULL;
}

std::string_view Row::text(std::size_t column) const noexcept {
    if (is_null(column)) return {};
    if (statement_->mariadb) return statement_->mariadb->text(column);
    if (statement_->native == nullptr) return statement_->cells[column];
    const int at = static_cast<int>(column);
    const unsigned char* const text = sqlite_api::sqlite3_column_text(statement_->native, at);
    if (text == nullptr) return {};  // an empty blob
    return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite_api::sqlite3_column_bytes(statement_->native, at))};
}

std::optional<std::string_view> Row::maybe_text(std::size_t column) const noexcept {
    if (is_null(column)) return std::nullopt;
    return text(column);
}

std::int64_t Row::integer(std::size_t column) const noexcept {
    if (statement_->native != nullptr && sqlite_api::sqlite3_column_type(statement_->native, static_cast<int>(column)) == SQLITE_INTEGER)
        return sqlite_api::sqlite3_column_int64(statement_->native, static_cast<int>(column));
    const std::string_view digits = text(column);
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (failure == std::errc{} && end == digits.data() + digits.size() && !digits.empty()) return number;
    if (!statement_->misread) {
        statement_->misread = error_of(Cause::damaged, fmt::format("column {} holds no whole number", column), statement_->name);
    }
    return 0;
}

std::optional<std::int64_t> Row::maybe_integer(std::size_t column) const noexcept {
    if (is_null(column)) return std::nullopt;
    return integer(column);
}

}  // namespace stemma::sql
