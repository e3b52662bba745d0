// Reads domain values out of a JSON tree, strictly: what is missing, of the wrong type or unknown is refused by its JSON pointer.
// The first refusal stays and all later reading does nothing, so that a reader is a plain list of its fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/quantity.hpp"
#include "core/base/strong_id.hpp"
#include "core/base/time.hpp"
#include "core/ledger/json_tree.hpp"

namespace stemma::json {

/// One reading of one tree: where it stands, and why it was refused.
class Reading {
public:
    [[nodiscard]] bool refused() const noexcept { return error_.has_value(); }
    [[nodiscard]] Error error() && { return *std::move(error_); }

    void refuse(std::string message, std::string hint = {}, std::string_view field = {});
    void refuse(Error error);  ///< of another module: code, message and hint; the place is ours

    /// Runs `read` one step further down; the step is a field's name or an index.
    template <class Read>
    void inside(std::string_view key, Read read) {
        if (refused()) return;
        const std::size_t before = where_.size();
        add_step(where_, key);
        read();
        where_.resize(before);
    }

    /// Whether `node` is of that kind; refuses ("expected a number, found a string") when not.
    bool expect(const Node& node, Node::Kind kind);

    // One value each; the result is empty or zero after a refusal.
    std::string string(const Node& node);
    std::int64_t micros(const Node& node);  ///< a number of at most six decimal places, exactly
    std::uint64_t count(const Node& node);
    std::int64_t integer(const Node& node);
    bool flag(const Node& node);
    WrittenTime time(const Node& node);
    std::vector<std::string> strings(const Node& array);

    /// Each element of an array.
    template <class Read>
    void each(const Node& array, Read read) {
        if (!expect(array, Node::Kind::array)) return;
        const std::size_t before = where_.size();
        for (std::size_t i = 0; i < array.children.size() && !refused(); ++i) {
            add_step(where_, i);
            read(array.children[i]);
            where_.resize(before);
        }
    }

private:
    std::optional<Error> error_;
    std::string where_;
};

/// The fields of one object. Every field is asked for by name; done() refuses what nobody asked for.
class Fields {
public:
    Fields(Reading& reading, const Node& node);

    void require(std::string_view name);
    void ignore(std::string_view name) { asked_.push_back(name); }
    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }

    void read(std::string_view name, std::string& out);
    void read(std::string_view name, std::uint64_t& out);
    void read(std::string_view name, bool& out);
    void read(std::string_view name, Instant& out);
    void read(std::string_view name, std::vector<std::string>& out);
    template <class Tag>
    void read(std::string_view name, StrongId<Tag>& out) {
        with(name, [&](const Node& node) { out = StrongId<Tag>{reading_.string(node)}; });
    }

    /// A text that must be there and not empty.
    template <class Text>
    void need(std::string_view name, Text& out) {
        require(name);
        read(name, out);
        if (!reading_.refused() && out == Text{}) reading_.refuse("the string is empty", {}, name);
    }

    /// An enumeration by its name.
    template <class Enum>
    void choose(std::string_view name, Enum& out, Result<Enum> (*from)(std::string_view)) {
        with(name, [&](const Node& node) {
            const std::string text = reading_.string(node);
            if (reading_.refused()) return;
            Result<Enum> value = from(text);
            if (!value) return reading_.refuse(std::move(value).error());
            out = *value;
        });
    }

    /// Each element of a list; a missing field is an empty list.
    template <class Read>
    void each(std::string_view name, Read read) {
        with(name, [&](const Node& node) { reading_.each(node, read); });
    }

    /// Runs `read` on the field's value when it is there.
    template <class Read>
    void with(std::string_view name, Read read) {
        asked_.push_back(name);
        if (reading_.refused()) return;
        if (const Node* node = find(name)) reading_.inside(name, [&] { read(*node); });
    }

    /// `known_elsewhere`: names that the standard has here and Stemma does not keep.
    void done(const std::vector<std::string_view>& known_elsewhere = {});

private:
    [[nodiscard]] const Node* find(std::string_view name) const;

    Reading& reading_;
    const Node& node_;
    std::vector<std::string_view> asked_;
};

}  // namespace stemma::json
