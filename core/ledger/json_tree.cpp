#include "core/ledger/json_tree.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "core/base/text.hpp"

namespace stemma::json {
namespace {

using ErrorCode = boost::json::error_code;
using View = boost::json::string_view;

/// Builds the tree from the parser's calls. A refusal of ours is kept in `refused`; the code that stops the parser is then of no interest.
class Builder {
public:
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

    explicit Builder(std::size_t values_max) : values_left_{values_max}, values_max_{values_max} {}

    Node root;
    std::optional<Error> refused;

    /// Where the parser stands.
    [[nodiscard]] std::string pointer() const {
        std::string out;
        for (std::size_t i = 0; i < open_.size(); ++i) {
            const Node& node = *open_[i];
            const bool innermost = i + 1 == open_.size();
            if (node.kind == Node::Kind::array)
                out += innermost ? "" : fmt::format("/{}", node.children.size() - 1);
            else if (!innermost)
                add_step(out, node.children.back().key);
            else if (key_read_)
                add_step(out, key_);
        }
        return out;
    }

    bool on_document_begin(ErrorCode&) { return true; }
    bool on_document_end(ErrorCode&) { return true; }
    bool on_object_begin(ErrorCode& ec) { return begin(Node::Kind::object, ec); }
    bool on_array_begin(ErrorCode& ec) { return begin(Node::Kind::array, ec); }
    bool on_array_end(std::size_t, ErrorCode&) { return end(); }
    bool on_object_end(std::size_t, ErrorCode& ec) {
        if (const Node* repeated = repeated_key(*open_.back())) {
            key_ = repeated->key;
            key_read_ = true;
            return refuse(Errc::invalid_input, fmt::format("the field '{}' stands here twice", clip(key_)), {}, ec);
        }
        return end();
    }
    bool on_key_part(View part, std::size_t, ErrorCode&) { return collect(part); }
    bool on_key(View part, std::size_t, ErrorCode& ec) {
        collect(part);
        if (!check_text(pending_, ec)) return false;
        key_ = std::exchange(pending_, {});
        key_read_ = true;
        return true;
    }
    bool on_string_part(View part, std::size_t, ErrorCode&) { return collect(part); }
    bool on_string(View part, std::size_t, ErrorCode& ec) {
        collect(part);
        return check_text(pending_, ec) && add(Node::Kind::string, ec);
    }
    bool on_number_part(View part, ErrorCode&) { return collect(part); }
    bool on_int64(std::int64_t, View part, ErrorCode& ec) { return collect(part) && add(Node::Kind::number, ec); }
    bool on_uint64(std::uint64_t, View part, ErrorCode& ec) { return collect(part) && add(Node::Kind::number, ec); }
    bool on_double(double, View part, ErrorCode& ec) { return collect(part) && add(Node::Kind::number, ec); }
    bool on_bool(bool flag, ErrorCode& ec) { return add(Node::Kind::boolean, ec, flag); }
    bool on_null(ErrorCode& ec) { return add(Node::Kind::null, ec); }
    bool on_comment_part(View, ErrorCode&) { return true; }
    bool on_comment(View, ErrorCode&) { return true; }

private:
    bool refuse(Errc code, std::string message, std::string hint, ErrorCode& ec) {
        refused = Error{code, std::move(message), pointer(), std::move(hint)};
        ec = boost::json::error::exception;
        return false;
    }

    bool collect(View part) {
        pending_.append(part.data(), part.size());
        return true;
    }

    bool check_text(const std::string& text, ErrorCode& ec) {
        if (is_clean_utf8(text)) return true;
        return refuse(Errc::invalid_input, "the string is not well-formed UTF-8, or holds a NUL", {}, ec);
    }

    bool add(Node::Kind kind, ErrorCode& ec, bool flag = false) {
        if (values_left_ == 0) return refuse(Errc::too_large, fmt::format("the JSON has more than {} values", values_max_), {}, ec);
        --values_left_;
        Node& node = open_.empty() ? root : open_.back()->children.emplace_back();
        node.kind = kind;
        node.flag = flag;
        node.text = std::exchange(pending_, {});
        node.key = std::exchange(key_, {});
        key_read_ = false;
        last_ = &node;
        return true;
    }

    bool begin(Node::Kind kind, ErrorCode& ec) {
        if (!add(kind, ec)) return false;
        open_.push_back(last_);  // stays where it is: its parent grows again only after it is closed
        return true;
    }

    bool end() {
        open_.pop_back();
        return true;
    }

    static const Node* repeated_key(const Node& object) {
        std::vector<const Node*> fields;
        fields.reserve(object.children.size());
        for (const Node& child : object.children) fields.push_back(&child);
        const auto key = [](const Node* node) -> const std::string& { return node->key; };
        std::ranges::sort(fields, {}, key);
        const auto found = std::ranges::adjacent_find(fields, {}, key);
        return found == fields.end() ? nullptr : *found;
    }

    std::vector<Node*> open_;
    Node* last_{nullptr};
    std::string pending_;
    std::string key_;
    bool key_read_{false};
    std::size_t values_left_;
    std::size_t values_max_;
};

std::unexpected<Error> explain(const ErrorCode& ec, std::string where, std::size_t byte, const JsonLimits& limits) {
    const std::string inside = where.empty() ? "the outermost value" : "'" + where + "'";
    if (ec == boost::json::error::incomplete)
        return fail(Errc::invalid_input, fmt::format("the text ends inside {} at byte {}", inside, byte), std::move(where),
                    "it was cut short, or a bracket or quote is not closed");
    if (ec == boost::json::error::too_deep)
        return fail(Errc::too_large, fmt::format("the JSON nests deeper than {} levels", limits.depth_max), std::move(where));
    if (ec == boost::json::error::extra_data)
        return fail(Errc::invalid_input, fmt::format("something follows the JSON value at byte {}", byte), std::move(where));
    return fail(Errc::invalid_input, fmt::format("the text is not JSON at byte {}, inside {}: {}", byte, inside, ec.message()),
                std::move(where));
}

}  // namespace

std::string_view name_of(Node::Kind kind) noexcept {
    constexpr std::array<std::string_view, 6> kNames{"null", "true or false", "a number", "a string", "an array", "an object"};
    return kNames[static_cast<std::size_t>(kind)];
}

void add_step(std::string& pointer, std::string_view key) {
    pointer += '/';
    for (const char c : clip(key)) {
        if (c == '~')
            pointer += "~0";
        else if (c == '/')
            pointer += "~1";
        else
            pointer += c;
    }
}

void add_step(std::string& pointer, std::size_t index) {
    std::array<char, 20> digits{};
    const auto written = std::to_chars(digits.begin(), digits.end(), index);
    pointer += '/';
    pointer.append(digits.begin(), written.ptr);
}

Result<Node> parse(std::string_view text, const JsonLimits& limits) {
    if (text.size() > limits.bytes_max)
        return fail(Errc::too_large, fmt::format("the JSON has {} bytes, {} are allowed", text.size(), limits.bytes_max));
    if (text.empty()) return fail(Errc::invalid_input, "the text is empty, a JSON object is expected");
    boost::json::parse_options options;
    options.max_depth = limits.depth_max;
    boost::json::basic_parser<Builder> parser{options, limits.values_max};
    ErrorCode ec;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
    Builder& builder = parser.handler();
    if (builder.refused) return std::unexpected(*std::move(builder.refused));
    if (!ec && text.find_first_not_of(" \t\r\n", read) != std::string_view::npos) ec = boost::json::error::extra_data;
    if (ec) return explain(ec, builder.pointer(), read, limits);
    return std::move(builder.root);
}

}  // namespace stemma::json
