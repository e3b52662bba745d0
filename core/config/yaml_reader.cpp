// The only file that knows yaml-cpp. Its parser's events become our tree directly: no yaml-cpp node is ever made, so nothing is guessed,
// limits hold while reading, and an alias bomb has nothing to walk. Every exception of the library ends here.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/node/node.h>  // unused, but parser.h declares it, and a Node without a definition looks like ours to clang-tidy
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <istream>
#include <streambuf>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/text.hpp"
#include "core/config/file_io.hpp"
#include "core/config/tree.hpp"

namespace stemma::config {
namespace {

/// Thrown by our event handler through yaml-cpp's parser, caught in read_yaml_text.
struct Refused {
    Error error;
};

/// What an administrator reads instead of yaml-cpp's words. `begins` is how the library's message begins.
struct Translation {
    std::string_view begins;
    std::string_view message;
    std::string_view hint;
};

constexpr std::array kTranslations{
    Translation{"illegal tab when", "a tab is used for indentation", "use spaces"},
    Translation{"end of map not found", "the indentation does not fit the lines above", ""},
    Translation{"end of sequence not found", "the indentation does not fit the lines above", ""},
    Translation{"end of map flow", "a '{' is not closed", "add '}'"},
    Translation{"end of sequence flow", "a '[' is not closed", "add ']'"},
    Translation{"illegal flow end", "a closing bracket without its opening one", ""},
    Translation{"the referenced anchor", "aliases ('*name') are not accepted", "put a text that begins with '*' in quotes"},
    Translation{"alias not found", "aliases ('*name') are not accepted", "put a text that begins with '*' in quotes"},
    Translation{"unknown token", "a value cannot begin with this character", "put it in quotes"},
    Translation{"illegal EOF in scalar", "a quote is not closed", ""},
    Translation{"unknown escape character", "unknown escape after '\\' in double quotes", "write '\\\\', or use single quotes"},
    Translation{"invalid unicode", "this escape is no character", "write the character itself"},
    Translation{"illegal map value", "':' is not expected here", "check the indentation, or put a text that contains ':' in quotes"},
    Translation{"illegal block entry", "'-' is not expected here", "check the indentation"},
    Translation{"illegal map key", "'?' is not expected here", "check the indentation"},
};

/// Reads the caller's text without copying it.
class ViewBuffer final : public std::streambuf {
public:
    explicit ViewBuffer(std::string_view text) {
        char* begin =
            const_cast<char*>(text.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast): streambuf never writes to a get area
        setg(begin, begin, begin + text.size());
    }
};

/// Builds the tree from the parser's events and refuses what the house does not accept.
class Builder final : public YAML::EventHandler {
public:
    Builder(std::string_view text, std::shared_ptr<const std::string> file) : text_{text}, file_{std::move(file)} {}

    [[nodiscard]] Node take_root() {
        if (!has_root_) return Node::null(Mark{file_, 1, 1}, {});
        return std::move(root_);
    }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ == 1) return;
        if (rest(mark).starts_with("---")) refuse(place(mark), "a second document begins here", "one file holds one document");
        refuse(place(mark), "the indentation does not fit the lines above", "");
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
        if (wants_key()) refuse(place(mark), "a key is missing before ':'", "");
        add(Node::null(place_before(mark), next_name()));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(place(mark), "aliases ('*name') are not accepted", ""); }

    void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
        refuse(place(mark), fmt::format("anchors ('&{}') are not accepted", clip(name)), "write the value out where it is used");
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
        const Mark at = place(mark);
        const bool quoted = tag == "!";
        if (!quoted && tag != "?") refuse_tag(at, tag);
        if (quoted) check_quoted(mark, at);
        if (!is_clean_utf8(value)) refuse(at, "the text holds a NUL character", "");
        if (wants_key()) return take_key(at, value, quoted);
        add(Node::scalar(at, next_name(), value, quoted));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
        open(mark, tag, Node::Kind::sequence);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
        open(mark, tag, Node::Kind::map);
    }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        Node::Kind kind{Node::Kind::map};
        Mark mark;
        std::string name;
        std::vector<Node> items;
        std::vector<Node::Entry> entries;
        std::unordered_map<std::string, int> lines;  ///< of the keys so far
        bool has_key{false};
        std::string key;
        Mark key_mark;
    };

    [[noreturn]] static void refuse(const Mark& at, std::string message, std::string hint, Errc code = Errc::config) {
        throw Refused{Error{code, std::move(message), at.text(), std::move(hint)}};
    }
    [[noreturn]] static void refuse_tag(const Mark& at, const std::string& tag) {
        refuse(at, fmt::format("tags ('{}') are not accepted", clip(tag.empty() ? "!" : tag)),
               "put a text that is to stay a text in quotes");
    }

    [[nodiscard]] Mark place(const YAML::Mark& mark) const { return Mark{file_, mark.line + 1, mark.column + 1}; }
    [[nodiscard]] std::string_view rest(const YAML::Mark& mark) const {
        return text_.substr(std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), text_.size()));
    }
    [[nodiscard]] bool wants_key() const { return !open_.empty() && open_.back().kind == Node::Kind::map && !open_.back().has_key; }

    [[nodiscard]] std::string next_name() const {
        if (open_.empty()) return {};
        const Open& parent = open_.back();
        return parent.kind == Node::Kind::map ? parent.key : fmt::format("{}[{}]", parent.name, parent.items.size());
    }

    /// Place of a null. yaml-cpp gives one that is left out the mark of the next token, which may stand lines below; so: the key's place,
    /// or in a list the last character before the mark.
    [[nodiscard]] Mark place_before(const YAML::Mark& mark) const {
        if (!open_.empty() && open_.back().kind == Node::Kind::map) return open_.back().key_mark;
        const std::string_view before = text_.substr(0, text_.size() - rest(mark).size());
        const std::size_t last = before.find_last_not_of(" \t\r\n");
        if (last == std::string_view::npos) return Mark{file_, 1, 1};
        const auto lines_below = std::count(before.begin() + static_cast<std::ptrdiff_t>(last), before.end(), '\n');
        const std::size_t line_start = before.rfind('\n', last) + 1;  // npos + 1 is 0
        return Mark{file_, mark.line + 1 - static_cast<int>(lines_below), static_cast<int>(last - line_start + 1)};
    }

    /// yaml-cpp takes the end of the file for a closing quote: a file cut short would be read as if it were whole.
    void check_quoted(const YAML::Mark& mark, const Mark& at) const {
        const std::string_view here = rest(mark);
        if (here.starts_with('!')) refuse_tag(at, "!");
        if (!here.starts_with('"') && !here.starts_with('\'')) return;  // a block scalar
        const char quote = here.front();
        const auto escapes = [&](std::size_t i) { return quote == '"' ? here[i] == '\\' : here.substr(i).starts_with("''"); };
        std::size_t i = 1;
        while (i < here.size() && (here[i] != quote || escapes(i))) i += escapes(i) ? 2U : 1U;
        if (i >= here.size()) refuse(at, "a quote is not closed", "");
    }

    void take_key(const Mark& at, const std::string& key, bool quoted) {
        Open& map = open_.back();
        if (key == "<<" && !quoted) refuse(at, "merge keys ('<<') are not accepted", "write the keys out");
        if (key.size() > kKeyBytesMax) {
            refuse(at, fmt::format("a key of {} bytes; at most {} are accepted", key.size(), kKeyBytesMax), "", Errc::too_large);
        }
        const auto [first, fresh] = map.lines.emplace(key, at.line);
        if (!fresh) {
            refuse(at, fmt::format("key '{}' is written twice, first in line {}", clip(key), first->second), "delete one of the two");
        }
        map.key = key;
        map.key_mark = at;
        map.has_key = true;
    }

    void open(const YAML::Mark& mark, const std::string& tag, Node::Kind kind) {
        const Mark at = place(mark);
        if (!tag.empty() && tag != "?") refuse_tag(at, tag);
        if (wants_key()) refuse(at, "a key must be a text", "");
        if (open_.size() == kDepthMax)
            refuse(at, fmt::format("lists and maps are nested more than {} deep", kDepthMax), "", Errc::too_large);
        Open next;
        next.kind = kind;
        next.mark = at;
        next.name = next_name();
        open_.push_back(std::move(next));
    }

    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        add(done.kind == Node::Kind::map ? Node::map(std::move(done.mark), std::move(done.name), std::move(done.entries))
                                         : Node::sequence(std::move(done.mark), std::move(done.name), std::move(done.items)));
    }

    void add(Node node) {
        if (++nodes_ > kNodesMax) refuse(node.mark(), fmt::format("the file holds more than {} values", kNodesMax), "", Errc::too_large);
        if (open_.empty()) {
            root_ = std::move(node);
            has_root_ = true;
            return;
        }
        Open& parent = open_.back();
        if (parent.kind == Node::Kind::sequence) {
            parent.items.push_back(std::move(node));
            return;
        }
        parent.entries.push_back(Node::Entry{std::move(parent.key), std::move(parent.key_mark), std::move(node)});
        parent.has_key = false;
    }

    std::string_view text_;
    std::shared_ptr<const std::string> file_;
    std::vector<Open> open_;
    Node root_;
    bool has_root_{false};
    std::size_t nodes_{0};
    int documents_{0};
};

/// UTF-8 without NUL, or the place of the first line that is not.
Result<void> check_characters(std::string_view text, const std::shared_ptr<const std::string>& file) {
    if (is_clean_utf8(text)) return {};
    int line = 1;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (!is_clean_utf8(text.substr(0, end))) break;
        text.remove_prefix(std::min(end + 1, text.size()));
        ++line;
    }
    return fail(Errc::config, "this line is not UTF-8 text", Mark{file, line, 1}.text(), "save the file as UTF-8");
}

Error translate(const YAML::Exception& raised, const std::shared_ptr<const std::string>& file) {
    const std::string where = raised.mark.is_null() ? *file : Mark{file, raised.mark.line + 1, raised.mark.column + 1}.text();
    for (const Translation& known : kTranslations)
        if (raised.msg.starts_with(known.begins)) return Error{Errc::config, std::string{known.message}, where, std::string{known.hint}};
    return Error{Errc::config, "this is not YAML: " + raised.msg, where, {}};
}

}  // namespace

Result<Tree> read_yaml_text(std::string_view text, std::string_view file_name) {
    const auto file = std::make_shared<const std::string>(file_name);
    if (text.size() > kFileBytesMax) return fail(Errc::too_large, fmt::format("the file is larger than {} bytes", kFileBytesMax), *file);
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark would shift every place
    if (auto clean = check_characters(text, file); !clean) return fail(std::move(clean));
    try {
        ViewBuffer buffer{text};
        std::istream in{&buffer};
        YAML::Parser parser{in};
        Builder builder{text, file};
        while (parser.HandleNextDocument(builder)) {
        }
        return Tree{builder.take_root()};
    } catch (const Refused& refused) {
        return std::unexpected(refused.error);
    } catch (const YAML::Exception& raised) {
        return std::unexpected(translate(raised, file));
    }
}

Result<Tree> read_yaml_file(const std::filesystem::path& path) {
    auto text = read_file(path, kFileBytesMax);
    if (!text) return fail(std::move(text));
    return read_yaml_text(*text, path.string());
}

}  // namespace stemma::config
