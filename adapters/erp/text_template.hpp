// Texts with places for columns ("{number}") and ids made of a kind and a key ("lot:{lot_id}"), compiled against a list of columns.
// A template says nothing when one of its columns is NULL. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

namespace stemma::erp {

/// One row, decoded (decode.hpp): a canonical text per column, none for NULL.
using Cells = std::vector<std::optional<std::string>>;

class TextTemplate {
public:
    /// The template without text: always "".
    TextTemplate() = default;
    /// Errors: Errc::config for a brace without its partner or an unknown column, with the nearest name as hint.
    [[nodiscard]] static Result<TextTemplate> compile(std::string_view text, std::span<const std::string> columns);

    /// The text for one row; none when a column that it names is NULL.
    [[nodiscard]] std::optional<std::string> expand(const Cells& cells) const;
    /// The first column it names that is NULL in this row.
    [[nodiscard]] std::optional<std::size_t> null_column(const Cells& cells) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return pieces_.empty(); }
    /// Whether it names no column.
    [[nodiscard]] bool constant() const noexcept;
    /// Indexes of the columns it names.
    [[nodiscard]] std::vector<std::size_t> columns() const;

private:
    struct Piece {
        std::string text;                   ///< literal text, where `column` is none
        std::optional<std::size_t> column;  ///< index
    };
    std::vector<Piece> pieces_;
};

/// "kind:key", both templates; becomes "urn:stemma:<source>:<kind>:<key>".
class IdTemplate {
public:
    /// The id that is never given.
    IdTemplate() = default;
    /// Errors: Errc::config as above, and for a text without a kind or a key.
    [[nodiscard]] static Result<IdTemplate> compile(std::string_view text, std::span<const std::string> columns);

    /// The id for one row; none when a column that it names is NULL or empty, or for the id that is never given.
    [[nodiscard]] std::optional<std::string> expand(std::string_view source, const Cells& cells) const;
    /// The first column it names that is NULL or empty in this row.
    [[nodiscard]] std::optional<std::size_t> missing_column(const Cells& cells) const;
    [[nodiscard]] bool empty() const noexcept { return key_.empty(); }
    [[nodiscard]] std::vector<std::size_t> columns() const;

private:
    TextTemplate kind_;
    TextTemplate key_;
};

}  // namespace stemma::erp
