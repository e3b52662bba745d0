#include "core/cli/view.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

namespace stemma::cli {
namespace {

constexpr std::size_t kDepthMax = 100;  ///< arrays and objects inside one another in an answer

std::string number_text(double number) {
    std::string text = fmt::format("{}", number);
    if (text.find_first_of("en") == std::string::npos) return text;  // no exponent, not nan
    text = fmt::format("{:.6f}", number);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = kDepthMax;
    boost::system::error_code error;
    Json value = boost::json::parse(boost::json::string_view{text.data(), text.size()}, error, {}, options);
    if (error) return fail(Errc::internal, fmt::format("the answer is no JSON: {}", error.message()));
    return value;
}

const Json& at(const Json& from, std::string_view name) noexcept {
    static const Json null;
    const auto* object = from.if_object();
    const Json* found = object == nullptr ? nullptr : object->if_contains({name.data(), name.size()});
    return found == nullptr ? null : *found;
}

std::string text_of(const Json& value) {
    if (const auto* text = value.if_string()) return {text->data(), text->size()};
    if (const auto* whole = value.if_int64()) return std::to_string(*whole);
    if (const auto* large = value.if_uint64()) return std::to_string(*large);
    if (const auto* number = value.if_double()) return number_text(*number);
    if (const auto* flag = value.if_bool()) return *flag ? "yes" : "no";
    return {};
}

std::string text_at(const Json& from, std::string_view name) { return text_of(at(from, name)); }

std::uint64_t count_at(const Json& from, std::string_view name) noexcept {
    const Json& value = at(from, name);
    if (const auto* whole = value.if_int64()) return *whole < 0 ? 0 : static_cast<std::uint64_t>(*whole);
    const auto* large = value.if_uint64();
    return large == nullptr ? 0 : *large;
}

bool flag_at(const Json& from, std::string_view name) noexcept {
    const auto* flag = at(from, name).if_bool();
    return flag != nullptr && *flag;
}

std::span<const Json> list_at(const Json& from, std::string_view name) noexcept {
    const auto* array = at(from, name).if_array();
    return array == nullptr ? std::span<const Json>{} : std::span<const Json>{array->data(), array->size()};
}

std::string joined_at(const Json& from, std::string_view name, std::string_view separator) {
    std::string out;
    for (const Json& value : list_at(from, name)) out += (out.empty() ? "" : std::string{separator}) + text_of(value);
    return out;
}

}  // namespace stemma::cli
