#include "tests/integration/api/openapi.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/config/schema.hpp"
#include "core/config/tree.hpp"

namespace stemma::http::test {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) { return std::string{value.as_string().data(), value.as_string().size()}; }

bool fits(std::string_view pattern, std::string_view path) {
    while (!pattern.empty() && !path.empty()) {
        if (pattern.front() == '{') {
            pattern.remove_prefix(pattern.find('}') + 1);
            const std::size_t end = std::min(path.find('/'), path.size());
            if (end == 0) return false;
            path.remove_prefix(end);
        } else if (pattern.front() == path.front()) {
            pattern.remove_prefix(1);
            path.remove_prefix(1);
        } else {
            return false;
        }
    }
    return pattern.empty() && path.empty();
}

std::string upper(std::string_view text) {
    std::string out{text};
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return out;
}

}  // namespace

std::set<std::string> Operation::names_in(std::string_view place) const {
    std::set<std::string> names;
    for (const json::object& parameter : parameters)
        if (parameter.at("in").as_string() == place) names.insert(text_of(parameter.at("name")));
    return names;
}

const OpenApi& OpenApi::document() {
    static const OpenApi read = [] {
        OpenApi made;
        const auto tree = config::read_yaml_file(STEMMA_SOURCE_DIR "/schemas/http/openapi.yaml");
        EXPECT_TRUE(tree) << tree.error().text();
        if (!tree) return made;
        made.root_ = json::parse(config::to_json(tree->root())).as_object();
        for (const auto& [path, methods] : made.root_.at("paths").as_object())
            for (const auto& [method, node] : methods.as_object()) {
                Operation operation{upper(method), std::string{path}, node.as_object(), {}};
                if (const json::value* parameters = operation.node.if_contains("parameters"))
                    for (const json::value& parameter : parameters->as_array())
                        operation.parameters.push_back(made.resolve(parameter.as_object()));
                made.operations_.push_back(std::move(operation));
            }
        return made;
    }();
    return read;
}

const Operation* OpenApi::find(std::string_view method, std::string_view path) const {
    const Operation* found = nullptr;
    for (const Operation& operation : operations_)
        if (operation.method == method && fits(operation.path, path) && (found == nullptr || found->path.contains('{'))) found = &operation;
    return found;
}

const json::object& OpenApi::resolve(const json::object& node) const {
    const json::object* at = &node;
    while (const json::value* reference = at->if_contains("$ref")) {
        const json::object* target = &root_;
        std::string_view way = std::string_view{reference->as_string()}.substr(2);  // after "#/"
        while (!way.empty()) {
            const std::size_t end = std::min(way.find('/'), way.size());
            target = &target->at(way.substr(0, end)).as_object();
            way.remove_prefix(std::min(end + 1, way.size()));
        }
        at = target;
    }
    return *at;
}

std::vector<std::string> OpenApi::mistakes(const json::value& schema, std::string_view json_text) const {
    static std::map<std::string, config::Schema> compiled;
    const std::string text = json::serialize(json::object{{"allOf", json::array{schema}}, {"components", root_.at("components")}});
    auto known = compiled.find(text);
    if (known == compiled.end()) {
        auto made = config::Schema::compile(text, "openapi.yaml");
        if (!made) return {made.error().text()};
        known = compiled.emplace(text, *std::move(made)).first;
    }
    const auto node = config::read_yaml_text(json_text, "answer");  // JSON is YAML
    if (!node) return {node.error().text()};
    std::vector<std::string> found;
    for (const Error& error : known->second.check(node->root())) found.push_back(error.text());
    return found;
}

std::vector<std::string> OpenApi::mistakes(const Operation& operation, const Response& response) const {
    const json::object& responses = operation.node.at("responses").as_object();
    const json::value* documented = responses.if_contains(std::to_string(response.status));
    if (documented == nullptr && response.status >= 400) documented = responses.if_contains("default");
    if (documented == nullptr) return {fmt::format("{} answers {}, which is not documented", operation.name(), response.status)};
    const json::object& content = resolve(documented->as_object()).at("content").as_object();
    const json::value* body = content.if_contains(response.content_type);
    if (body == nullptr) return {fmt::format("{} answers with {}, which is not documented", operation.name(), response.content_type)};
    const json::value& schema = body->as_object().at("schema");
    if (!response.content_type.contains("json")) return {};
    std::vector<std::string> found;
    for (std::string_view rest = response.body; !rest.empty();) {
        const std::size_t end = response.content_type.contains("ndjson") ? std::min(rest.find('\n') + 1, rest.size()) : rest.size();
        for (std::string& mistake : mistakes(schema, rest.substr(0, end))) found.push_back(std::move(mistake));
        rest.remove_prefix(end);
    }
    for (std::string& mistake : found) mistake = fmt::format("{} {}: {}", operation.name(), response.status, mistake);
    return found;
}

}  // namespace stemma::http::test
