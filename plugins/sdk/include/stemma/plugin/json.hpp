// A strict JSON reader (RFC 8259) for options and data files, so that a plugin needs no other library.
// Numbers keep their text, so decimals stay exact. Duplicate keys, a depth over 64, unpaired surrogates and trailing text are errors.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stemma::sdk {

/// What was wrong in a JSON text or in options or data read from it; create turns it into STM_FAILED with this text.
struct BadOption : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// An immutable JSON value. Readers throw BadOption, naming the path of the value ("/schemes/0/pattern"), when the type is another one.
class Json {
public:
    enum class Type : unsigned char { null, boolean, number, text, array, object };
    struct Member;

    Json() = default;

    /// Throws BadOption with line and column.
    [[nodiscard]] static Json parse(std::string_view text);

    [[nodiscard]] Type type() const noexcept { return type_; }
    [[nodiscard]] bool is_null() const noexcept { return type_ == Type::null; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }  ///< JSON pointer from the text's root; "" is the root

    [[nodiscard]] bool flag() const {
        want(Type::boolean, "true or false");
        return text_ == "true";
    }
    [[nodiscard]] std::string_view text() const {
        want(Type::text, "a text");
        return text_;
    }
    /// The number as it was written: "12", "-0.005", "1e3".
    [[nodiscard]] std::string_view number() const {
        want(Type::number, "a number");
        return text_;
    }
    /// A whole number; throws for fractions, exponents and what does not fit 64 bits.
    [[nodiscard]] std::int64_t integer() const {
        const std::string_view digits = number();
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc{} || end != digits.data() + digits.size()) throw BadOption(where() + "must be a whole number of 64 bits");
        return value;
    }
    [[nodiscard]] const std::vector<Json>& items() const {
        want(Type::array, "a list");
        return items_;
    }
    [[nodiscard]] const std::vector<Member>& members() const;
    /// The member of that name, or null where the object has none. Valid as long as this value.
    [[nodiscard]] const Json* find(std::string_view key) const;
    /// The member of that name; throws when the object has none.
    [[nodiscard]] const Json& at(std::string_view key) const {
        if (const Json* found = find(key)) return *found;
        throw BadOption(where() + "lacks '" + std::string(key) + "'");
    }

private:
    friend class JsonReader;

    [[nodiscard]] std::string where() const { return (path_.empty() ? std::string("the options") : path_) + " "; }
    void want(Type type, const char* name) const {
        if (type_ != type) throw BadOption(where() + "must be " + name);
    }

    Type type_{Type::null};
    std::string text_;  // "true"/"false", the number's digits, or the text
    std::vector<Json> items_;
    std::vector<Member> members_;  // in the order written
    std::string path_;
};

struct Json::Member {
    std::string key;
    Json value;
};

inline const std::vector<Json::Member>& Json::members() const {
    want(Type::object, "an object");
    return members_;
}

inline const Json* Json::find(std::string_view key) const {
    for (const Member& member : members())
        if (member.key == key) return &member.value;
    return nullptr;
}

/// The work behind Json::parse: recursive descent over one text.
class JsonReader {
public:
    explicit JsonReader(std::string_view text) : text_{text} {}

    [[nodiscard]] Json document() {
        Json value = any("", 0);
        skip_space();
        if (at_ != text_.size()) bad("text after the end of the value");
        return value;
    }

private:
    static constexpr int kDepthMax = 64;  // levels

    [[noreturn]] void bad(const std::string& what) const {
        std::size_t line = 1;
        std::size_t column = 1;
        for (std::size_t i = 0; i < at_ && i < text_.size(); ++i) {
            column = text_[i] == '\n' ? 1 : column + 1;
            line += text_[i] == '\n' ? 1U : 0U;
        }
        throw BadOption("line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + what);
    }

    [[nodiscard]] bool more() const noexcept { return at_ < text_.size(); }
    [[nodiscard]] char peek() const {
        if (!more()) bad("the text ends too early");
        return text_[at_];
    }
    [[nodiscard]] bool take(char c) {
        if (!more() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void skip_space() {
        while (more() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
    }

    Json any(std::string path, int depth) {
        if (depth > kDepthMax) bad("nested deeper than 64 levels");
        skip_space();
        Json value;
        value.path_ = std::move(path);
        switch (peek()) {
            case '{': object(value, depth); break;
            case '[': array(value, depth); break;
            case '"':
                value.type_ = Json::Type::text;
                value.text_ = quoted();
                break;
            case 't': word(value, "true", Json::Type::boolean); break;
            case 'f': word(value, "false", Json::Type::boolean); break;
            case 'n': word(value, "null", Json::Type::null); break;
            default: number(value);
        }
        return value;
    }

    void word(Json& value, std::string_view expected, Json::Type type) {
        if (text_.substr(at_, expected.size()) != expected) bad("a value was expected");
        at_ += expected.size();
        value.type_ = type;
        value.text_ = expected;
    }

    void digits() {
        if (!more() || text_[at_] < '0' || text_[at_] > '9') bad("a digit was expected");
        while (more() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    }

    void number(Json& value) {
        const std::size_t start = at_;
        (void)take('-');
        if (!take('0')) {
            if (!more() || text_[at_] < '1' || text_[at_] > '9') bad("a value was expected");
            digits();
        }
        if (take('.')) digits();
        if (take('e') || take('E')) {
            if (!take('+')) (void)take('-');
            digits();
        }
        value.type_ = Json::Type::number;
        value.text_ = text_.substr(start, at_ - start);
    }

    void array(Json& value, int depth) {
        value.type_ = Json::Type::array;
        ++at_;
        skip_space();
        if (take(']')) return;
        do {
            value.items_.push_back(any(value.path_ + "/" + std::to_string(value.items_.size()), depth + 1));
            skip_space();
        } while (take(','));
        if (!take(']')) bad("',' or ']' was expected");
    }

    void object(Json& value, int depth) {
        value.type_ = Json::Type::object;
        ++at_;
        skip_space();
        if (take('}')) return;
        do {
            skip_space();
            std::string key = quoted();
            if (value.find(key) != nullptr) bad("key '" + key + "' stands twice");
            skip_space();
            if (!take(':')) bad("':' was expected");
            Json member = any(value.path_ + "/" + key, depth + 1);
            value.members_.push_back({std::move(key), std::move(member)});
            skip_space();
        } while (take(','));
        if (!take('}')) bad("',' or '}' was expected");
    }

    std::string quoted() {
        if (!take('"')) bad("'\"' was expected");
        std::string out;
        while (true) {
            const char c = peek();
            if (static_cast<unsigned char>(c) < 0x20) bad("a control character stands in a text");
            ++at_;
            if (c == '"') return out;
            if (c == '\\') {
                escape(out);
            } else {
                out += c;
            }
        }
    }

    void escape(std::string& out) {
        const char c = peek();
        ++at_;
        switch (c) {
            case '"':
            case '\\':
            case '/': out += c; break;
            case 'b': out += '\b'; break;
            case 'f': out += '\f'; break;
            case 'n': out += '\n'; break;
            case 'r': out += '\r'; break;
            case 't': out += '\t'; break;
            case 'u': code_point(out); break;
            default: bad("unknown escape");
        }
    }

    unsigned four_hex() {
        unsigned value = 0;
        for (int i = 0; i < 4; ++i) {
            const char c = peek();
            ++at_;
            if (c >= '0' && c <= '9') {
                value = value * 16 + static_cast<unsigned>(c - '0');
            } else if (c >= 'a' && c <= 'f') {
                value = value * 16 + static_cast<unsigned>(c - 'a') + 10;
            } else if (c >= 'A' && c <= 'F') {
                value = value * 16 + static_cast<unsigned>(c - 'A') + 10;
            } else {
                bad("four hexadecimal digits were expected");
            }
        }
        return value;
    }

    void code_point(std::string& out) {
        unsigned point = four_hex();
        if (point >= 0xDC00 && point <= 0xDFFF) bad("unpaired surrogate");
        if (point >= 0xD800 && point <= 0xDBFF) {
            if (!take('\\') || !take('u')) bad("unpaired surrogate");
            const unsigned low = four_hex();
            if (low < 0xDC00 || low > 0xDFFF) bad("unpaired surrogate");
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        }
        if (point == 0) bad("a text must not contain U+0000");
        const auto put = [&out](unsigned byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
        if (point < 0x80) {
            put(point);
        } else if (point < 0x800) {
            put(0xC0 | (point >> 6));
            put(0x80 | (point & 0x3F));
        } else if (point < 0x10000) {
            put(0xE0 | (point >> 12));
            put(0x80 | ((point >> 6) & 0x3F));
            put(0x80 | (point & 0x3F));
        } else {
            put(0xF0 | (point >> 18));
            put(0x80 | ((point >> 12) & 0x3F));
            put(0x80 | ((point >> 6) & 0x3F));
            put(0x80 | (point & 0x3F));
        }
    }

    std::string_view text_;
    std::size_t at_{0};
};

inline Json Json::parse(std::string_view text) { return JsonReader(text).document(); }

}  // namespace stemma::sdk
