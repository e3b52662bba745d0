// A YAML document as an immutable tree of our own: every node knows the file, line and column it was written at.
// yaml-cpp's nodes rewrite the document they are read from and guess types (010 is 8, yes is true), so they end in yaml_reader.cpp.
// Strict: duplicate keys, `<<`, anchors, aliases, tags and second documents are refused. A tree is a value; reading it is safe from any
// thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.hpp"

namespace stemma::config {

inline constexpr std::size_t kFileBytesMax = 1'048'576;  ///< bytes of one YAML file
inline constexpr std::size_t kDepthMax = 64;             ///< lists and maps inside one another, the outermost included
inline constexpr std::size_t kNodesMax = 200'000;        ///< values of one file; keys are not counted
inline constexpr std::size_t kKeyBytesMax = 1024;        ///< bytes of one key

/// Where something was written. Line and column begin at 1; the column counts bytes.
struct Mark {
    std::shared_ptr<const std::string> file;  ///< the name given to the reader; null for a node that no file holds
    int line{0};
    int column{0};

    /// "stemma.yaml:12:5", or "" without a file.
    [[nodiscard]] std::string text() const;
};

/// What a plain scalar means, by YAML's core rules narrowed to JSON's spelling: `010`, `0x10`, `+1`, `.5`, `yes` and `True` are texts.
/// Quoted scalars are texts. A whole number that does not fit 64 bits signed is a text, so that no digit is ever lost.
enum class ScalarType : unsigned char { text, boolean, integer, number };

/// One value of the document. Typed readers fail with Errc::config, `where` = this node's place, and a message that names its key.
class Node {
public:
    enum class Kind : unsigned char { null, scalar, sequence, map };
    struct Entry;

    /// A null without a place: what an empty file holds.
    Node() = default;
    [[nodiscard]] static Node null(Mark mark, std::string name);
    [[nodiscard]] static Node scalar(Mark mark, std::string name, std::string text, bool quoted, std::string written = {});
    [[nodiscard]] static Node sequence(Mark mark, std::string name, std::vector<Node> items);
    [[nodiscard]] static Node map(Mark mark, std::string name, std::vector<Entry> entries);

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] bool is_null() const noexcept { return kind_ == Kind::null; }
    [[nodiscard]] bool is_scalar() const noexcept { return kind_ == Kind::scalar; }
    [[nodiscard]] bool is_sequence() const noexcept { return kind_ == Kind::sequence; }
    [[nodiscard]] bool is_map() const noexcept { return kind_ == Kind::map; }
    [[nodiscard]] const Mark& mark() const noexcept { return mark_; }
    /// The key it stands under, or "enabled[2]" for an element of a list; "" for the root. For messages.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// The scalar's characters, whatever they mean; "" for another kind.
    [[nodiscard]] const std::string& raw() const noexcept { return text_; }
    /// Quoted, or a block scalar: always a text.
    [[nodiscard]] bool quoted() const noexcept { return quoted_; }
    /// What the file says where raw() came from the environment or a secret file ("${env:PORT}"); "" otherwise. Safe to show.
    [[nodiscard]] const std::string& written() const noexcept { return written_; }
    [[nodiscard]] ScalarType scalar_type() const noexcept;

    /// Elements in order; empty for another kind.
    [[nodiscard]] std::span<const Node> items() const noexcept { return items_; }
    /// Entries in document order, keys unique; empty for another kind.
    [[nodiscard]] std::span<const Entry> entries() const noexcept;
    /// The value under `key`, or null when there is none or this is no map. Linear in the number of keys.
    [[nodiscard]] const Node* find(std::string_view key) const noexcept;

    /// The value under `key`, never null. Fails when this is no map or lacks the key.
    [[nodiscard]] Result<const Node*> get(std::string_view key) const;
    /// A text. A plain number, `true` or `false` must be quoted to be one.
    [[nodiscard]] Result<std::string> text() const;
    /// A plain decimal whole number, 64 bits signed, without leading zeros.
    [[nodiscard]] Result<std::int64_t> integer() const;
    /// A plain decimal number, whole or not, finite.
    [[nodiscard]] Result<double> number() const;
    /// Plain `true` or `false`, nothing else.
    [[nodiscard]] Result<bool> boolean() const;
    /// A whole number and its unit: "500ms", "30s", "5m", "1h", "7d". At most 100,000 days.
    [[nodiscard]] Result<std::chrono::microseconds> duration() const;
    /// The elements of a list.
    [[nodiscard]] Result<std::span<const Node>> list() const;
    /// The entries of a map.
    [[nodiscard]] Result<std::span<const Entry>> map_entries() const;

private:
    Kind kind_{Kind::null};
    bool quoted_{false};
    Mark mark_;
    std::string name_;
    std::string text_;
    std::string written_;
    std::vector<Node> items_;
    std::vector<Entry> entries_;
};

struct Node::Entry {
    std::string key;
    Mark key_mark;
    Node value;
};

/// A whole document. An empty file, or one of comments only, has a null root whose mark is line 1, column 1.
class Tree {
public:
    explicit Tree(Node root) : root_{std::move(root)} {}
    [[nodiscard]] const Node& root() const noexcept { return root_; }

private:
    Node root_;
};

/// Reads one document. `file_name` is what places are named after. Errors: Errc::config, Errc::too_large, with the place.
[[nodiscard]] Result<Tree> read_yaml_text(std::string_view text, std::string_view file_name);
/// Reads a regular file. Errors: as above, and Errc::not_found / Errc::config when it cannot be opened; `where` begins with the path as
/// given.
[[nodiscard]] Result<Tree> read_yaml_file(const std::filesystem::path& path);

/// The tree as JSON (RFC 8259), keys in document order, numbers with the digits they were written with.
[[nodiscard]] std::string to_json(const Node& node);

/// The node a JSON pointer (RFC 6901) leads to, or null. "" is `root` itself.
[[nodiscard]] const Node* node_at(const Node& root, std::string_view pointer);
/// The place a JSON pointer leads to; where the path ends early, the place of the deepest node that exists.
[[nodiscard]] Mark mark_at(const Node& root, std::string_view pointer);

}  // namespace stemma::config
