// Text that means one thing: an ItemId cannot be passed where a PlaceId is wanted.
// Holds the text only; what a valid one looks like is the business of the type's own module.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace stemma {

template <class Tag>
class StrongId {
public:
    StrongId() = default;
    explicit StrongId(std::string text) : text_{std::move(text)} {}
    explicit StrongId(std::string_view text) : text_{text} {}
    explicit StrongId(const char* text) : text_{text} {}

    /// Another text in the same room.
    void assign(std::string_view text) { text_.assign(text); }
    [[nodiscard]] const std::string& str() const noexcept { return text_; }
    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

    friend auto operator<=>(const StrongId&, const StrongId&) = default;
    friend std::ostream& operator<<(std::ostream& out, const StrongId& id) { return out << id.text_; }

private:
    std::string text_;
};

}  // namespace stemma

template <class Tag>
struct std::hash<stemma::StrongId<Tag>> {
    std::size_t operator()(const stemma::StrongId<Tag>& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};
