#include "core/config/schema.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <tuple>
#include <utility>

#include "core/base/text.hpp"
#include "core/config/schema_explain.hpp"
#include "core/config/wording.hpp"

namespace stemma::config {

namespace json = boost::json;

struct Schema::Compiled {
    json::value text;
    valijson::Schema schema;
};

namespace {

using Path = std::vector<std::string>;

constexpr std::size_t kBreachesMax = 20 * kSchemaErrorsMax;  // of the validator's list; most of it repeats, see essential()

/// What valijson's sentence is about. Its sentences begin with fixed words; the tests hold this table against the installed version.
struct Phrase {
    std::string_view begins;
    Broken kind;
};

constexpr std::array kPhrases{
    Phrase{"Value type not permitted", Broken::type},
    Phrase{"Failed to match against any enum", Broken::enumeration},
    Phrase{"Failed to match expected value", Broken::enumeration},
    Phrase{"Object contains a property", Broken::unknown_key},
    Phrase{"Missing required property", Broken::missing_key},
    Phrase{"Missing dependency", Broken::missing_key},
    Phrase{"Expected number greater", Broken::minimum},
    Phrase{"Expected number less", Broken::maximum},
    Phrase{"Value should be a multiple", Broken::multiple_of},
    Phrase{"String should be no ", Broken::text_length},
    Phrase{"Array should contain no ", Broken::list_length},
    Phrase{"Object should have no ", Broken::map_size},
    Phrase{"Failed to match regex", Broken::pattern},
    Phrase{"Elements at indexes", Broken::unique},
};

constexpr std::string_view kProperty = "Failed to validate against schema associated with property name '";
constexpr std::string_view kItem = "Failed to validate item #";

/// The words between the last two single quotes: the key a sentence names. The key itself may hold quotes.
std::string quoted_word(const std::string& sentence) {
    const std::size_t end = sentence.rfind('\'');
    const std::size_t begin = sentence.find('\'', sentence.starts_with("Object contains") ? sentence.rfind(": '") : 0);
    return end == std::string::npos || begin >= end ? std::string{} : sentence.substr(begin + 1, end - begin - 1);
}

Breach to_breach(const valijson::ValidationResults::Error& raised) {
    Breach breach;
    for (std::size_t i = 1; i < raised.context.size(); ++i) {  // [0] is "<root>", the others "[key]"
        const std::string& step = raised.context[i];
        breach.path.push_back(step.substr(1, step.size() - 2));
    }
    for (const Phrase& phrase : kPhrases)
        if (raised.description.starts_with(phrase.begins)) breach.kind = phrase.kind;
    if (breach.kind == Broken::unknown_key || breach.kind == Broken::missing_key) breach.key = quoted_word(raised.description);
    // "the property 'x' failed", "item #3 failed", "child schema failed" follow the failures they are about.
    if (raised.description.starts_with(kProperty)) breach.path.push_back(quoted_word(raised.description));
    if (raised.description.starts_with(kItem) && raised.description.ends_with("in array."))
        breach.path.push_back(raised.description.substr(kItem.size(), raised.description.find(' ', kItem.size()) - kItem.size()));
    return breach;
}

bool at_or_below(const Path& path, const Path& above) {
    return path.size() >= above.size() && std::equal(above.begin(), above.end(), path.begin());
}

/// Drops what would only repeat or confuse: the summary of a failure that is listed itself, allowed values where the type is already wrong,
/// and a wrong type where another branch of anyOf or oneOf takes the type and has its own failure listed.
std::vector<Breach> essential(std::vector<Breach> all, const json::value& schema, const Node& root) {
    std::vector<Breach> kept;
    for (const Breach& breach : all) {
        const auto others = [&](auto&& test) {
            return std::ranges::any_of(all, [&](const Breach& other) { return at_or_below(other.path, breach.path) && test(other); });
        };
        if (breach.kind == Broken::other && others([](const Breach& other) { return other.kind != Broken::other; })) continue;
        if (breach.kind == Broken::other && others([&](const Breach& other) { return other.path.size() > breach.path.size(); })) continue;
        const bool fits = fits_a_type(node_on_path(root, breach.path), schemas_at(schema, breach.path));
        const auto here = [&](const Breach& other) { return other.path.size() == breach.path.size() && other.kind == Broken::type; };
        if (breach.kind == Broken::enumeration && !fits && others(here)) continue;
        if (breach.kind == Broken::type && fits &&
            others([](const Breach& other) { return other.kind != Broken::type && other.kind != Broken::other; }))
            continue;
        kept.push_back(breach);
    }
    return kept;
}

/// A long text under a `pattern` is refused before the validator tries it: std::regex recurses once per character.
void find_long_texts(const json::value& schema, const Node& root, const Node& node, Path& path, std::string_view label,
                     std::vector<Error>& errors) {
    if (node.is_scalar() && node.raw().size() > kPatternTextBytesMax) {
        const auto schemas = schemas_at(schema, path);
        if (std::ranges::any_of(schemas, [](const json::object* one) { return one->contains("pattern"); }))
            errors.push_back(Error{Errc::too_large,
                                   fmt::format("{} has {} bytes; at most {} are accepted here", quoted_label(path_label(root, path, label)),
                                               node.raw().size(), kPatternTextBytesMax),
                                   node.mark().text(),
                                   {}});
    }
    for (std::size_t i = 0; i < node.items().size(); ++i) {
        path.push_back(std::to_string(i));
        find_long_texts(schema, root, node.items()[i], path, label, errors);
        path.pop_back();
    }
    for (const Node::Entry& entry : node.entries()) {
        path.push_back(entry.key);
        find_long_texts(schema, root, entry.value, path, label, errors);
        path.pop_back();
    }
}

/// Order of the document: line and column, as numbers, of "file:line:column"; then the message, so that equal errors stand together.
std::tuple<std::string, long, long, std::string> order_of(const Error& error) {
    const std::size_t second = error.where.rfind(':');
    const std::size_t first = second == std::string::npos || second == 0 ? std::string::npos : error.where.rfind(':', second - 1);
    if (first == std::string::npos) return {error.where, 0, 0, error.message};
    return {error.where.substr(0, first), std::strtol(error.where.c_str() + first + 1, nullptr, 10),
            std::strtol(error.where.c_str() + second + 1, nullptr, 10), error.message};
}

void sort_and_trim(std::vector<Error>& errors) {
    std::ranges::sort(errors, {}, order_of);
    const auto same = [](const Error& a, const Error& b) { return a.where == b.where && a.message == b.message; };
    const auto repeated = std::ranges::unique(errors, same);
    errors.erase(repeated.begin(), repeated.end());
    if (errors.size() <= kSchemaErrorsMax) return;
    const std::size_t more = errors.size() - kSchemaErrorsMax;
    errors.resize(kSchemaErrorsMax);
    errors.push_back(Error{Errc::config, fmt::format("and {} more mistakes", more), {}, {}});
}

json::parse_options options() {
    json::parse_options deep;
    deep.max_depth = kDepthMax + 1;
    return deep;
}

}  // namespace

Result<Schema> Schema::compile(std::string_view json_text, std::string_view name) {
    const auto refuse = [&](std::string_view why) {
        return fail(Errc::config, fmt::format("the JSON schema of {} cannot be used: {}", name, why));
    };
    if (json_text.size() > kSchemaBytesMax) return refuse(fmt::format("it is larger than {} bytes", kSchemaBytesMax));
    try {
        auto compiled = std::make_shared<Compiled>();
        compiled->text = json::parse(json_text, {}, options());
        if (!compiled->text.is_object()) return refuse("it is no JSON object");
        valijson::SchemaParser parser{valijson::SchemaParser::kDraft7};
        parser.populateSchema(valijson::adapters::BoostJsonAdapter{compiled->text}, compiled->schema);
        return Schema{std::move(compiled)};
    } catch (const std::exception& raised) {
        return refuse(raised.what());
    }
}

std::vector<Error> Schema::check(const Node& node, std::string_view label) const {
    std::vector<Error> errors;
    Path path;
    find_long_texts(compiled_->text, node, node, path, label, errors);
    if (!errors.empty()) return errors;
    try {
        const json::value document = json::parse(to_json(node), {}, options());
        valijson::Validator validator;
        valijson::ValidationResults results;
        if (validator.validate(compiled_->schema, valijson::adapters::BoostJsonAdapter{document}, &results)) return {};
        std::vector<Breach> breaches;
        for (const auto& raised : results) {
            if (breaches.size() == kBreachesMax) break;
            breaches.push_back(to_breach(raised));
        }
        for (const Breach& breach : essential(std::move(breaches), compiled_->text, node))
            std::ranges::move(explain(compiled_->text, node, breach, label), std::back_inserter(errors));
        if (errors.empty()) errors = explain(compiled_->text, node, Breach{}, label);
    } catch (const std::exception& raised) {
        return {
            Error{Errc::internal, fmt::format("the check of {} failed: {}", quoted_label(label), raised.what()), node.mark().text(), {}}};
    }
    sort_and_trim(errors);
    return errors;
}

}  // namespace stemma::config
