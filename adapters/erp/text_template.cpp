#include "adapters/erp/text_template.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/domain/ids.hpp"

namespace stemma::erp {

Result<TextTemplate> TextTemplate::compile(std::string_view text, std::span<const std::string> columns) {
    TextTemplate made;
    while (!text.empty()) {
        const std::size_t brace = text.find_first_of("{}");
        if (brace != 0) made.pieces_.push_back({std::string{text.substr(0, brace)}, std::nullopt});
        if (brace == std::string_view::npos) break;
        const std::size_t end = text.find('}', brace);
        if (text[brace] == '}' || end == std::string_view::npos)
            return fail(Errc::config, "a brace without its partner", {}, "write {column}; a brace cannot stand for itself");
        const std::string name{text.substr(brace + 1, end - brace - 1)};
        const auto found = std::ranges::find(columns, name);
        if (found == columns.end())
            return fail(Errc::config, fmt::format("there is no column '{}'", clip(name)), {}, did_you_mean(name, columns));
        made.pieces_.push_back({{}, static_cast<std::size_t>(found - columns.begin())});
        text.remove_prefix(end + 1);
    }
    return made;
}

std::optional<std::string> TextTemplate::expand(const Cells& cells) const {
    std::string text;
    for (const Piece& piece : pieces_) {
        if (!piece.column) {
            text += piece.text;
            continue;
        }
        const std::optional<std::string>& cell = cells[*piece.column];
        if (!cell) return std::nullopt;
        text += *cell;
    }
    return text;
}

std::optional<std::size_t> TextTemplate::null_column(const Cells& cells) const noexcept {
    for (const Piece& piece : pieces_)
        if (piece.column && !cells[*piece.column]) return piece.column;
    return std::nullopt;
}

bool TextTemplate::constant() const noexcept {
    return std::ranges::none_of(pieces_, [](const Piece& piece) { return piece.column.has_value(); });
}

std::vector<std::size_t> TextTemplate::columns() const {
    std::vector<std::size_t> indexes;
    for (const Piece& piece : pieces_)
        if (piece.column) indexes.push_back(*piece.column);
    return indexes;
}

Result<IdTemplate> IdTemplate::compile(std::string_view text, std::span<const std::string> columns) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size())
        return fail(Errc::config, fmt::format("'{}' is no id", clip(text)), {}, "write kind:key, as in lot:{lot_id}");
    IdTemplate made;
    auto kind = TextTemplate::compile(text.substr(0, colon), columns);
    if (!kind) return fail(std::move(kind));
    auto key = TextTemplate::compile(text.substr(colon + 1), columns);
    if (!key) return fail(std::move(key));
    made.kind_ = std::move(*kind);
    made.key_ = std::move(*key);
    return made;
}

std::optional<std::string> IdTemplate::expand(std::string_view source, const Cells& cells) const {
    if (empty() || missing_column(cells)) return std::nullopt;
    return make_urn(source, kind_.expand(cells).value_or(""), key_.expand(cells).value_or(""));
}

std::optional<std::size_t> IdTemplate::missing_column(const Cells& cells) const {
    for (const TextTemplate* part : {&kind_, &key_})
        for (const std::size_t column : part->columns())
            if (cells[column].value_or("").empty()) return column;
    return std::nullopt;
}

std::vector<std::size_t> IdTemplate::columns() const {
    std::vector<std::size_t> indexes = kind_.columns();
    const std::vector<std::size_t> more = key_.columns();
    indexes.insert(indexes.end(), more.begin(), more.end());
    return indexes;
}

}  // namespace stemma::erp
