// The document against the routes and against itself: nothing undocumented, nothing documented that is not there, every example fits.
#include "tests/integration/api/openapi.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>

#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

namespace json = boost::json;

std::set<std::string> arguments_of(std::string_view pattern) {
    std::set<std::string> names;
    while (pattern.contains('{')) {
        const std::size_t begin = pattern.find('{') + 1;
        names.emplace(pattern.substr(begin, pattern.find('}') - begin));
        pattern.remove_prefix(pattern.find('}') + 1);
    }
    return names;
}

/// Every object of the document, with its place as a JSON pointer.
void walk(const json::value& value, const std::string& place, const std::function<void(const json::object&, const std::string&)>& visit) {
    if (value.is_object()) {
        visit(value.as_object(), place);
        for (const auto& [key, child] : value.as_object()) walk(child, place + "/" + std::string{key}, visit);
    } else if (value.is_array()) {
        for (std::size_t i = 0; i < value.as_array().size(); ++i) walk(value.as_array()[i], fmt::format("{}/{}", place, i), visit);
    }
}

TEST(OpenApiDocument, describes_the_routes_and_no_others) {
    std::set<std::string> routes;
    for (const Route& route : stemma_with_demo().app().router().routes()) routes.insert(route.method + " " + route.pattern);
    std::set<std::string> documented;
    for (const Operation& operation : OpenApi::document().operations()) documented.insert(operation.name());
    EXPECT_EQ(documented, routes);
}

TEST(OpenApiDocument, describes_the_parameters_of_each_route_and_no_others) {
    for (const Route& route : stemma_with_demo().app().router().routes())
        for (const Operation& operation : OpenApi::document().operations()) {
            if (operation.method != route.method || operation.path != route.pattern) continue;
            EXPECT_EQ(operation.names_in("query"), (std::set<std::string>{route.parameters.begin(), route.parameters.end()}))
                << operation.name();
            EXPECT_EQ(operation.names_in("path"), arguments_of(route.pattern)) << operation.name();
        }
}

TEST(OpenApiDocument, is_what_the_daemon_serves) {
    const Answer served = stemma_with_demo().get("/api/openapi.json");
    EXPECT_EQ(served.status, 200);
    EXPECT_EQ(served.json, json::value(OpenApi::document().root()));
}

TEST(OpenApiDocument, names_each_operation_once_and_says_what_it_does) {
    std::set<std::string> ids;
    for (const Operation& operation : OpenApi::document().operations()) {
        EXPECT_TRUE(ids.insert(json::serialize(operation.node.at("operationId"))).second) << operation.name();
        EXPECT_TRUE(operation.node.contains("summary")) << operation.name();
        EXPECT_EQ(operation.node.at("tags").as_array().size(), 1U) << operation.name();
        EXPECT_TRUE(operation.node.at("responses").as_object().contains("default")) << operation.name();
        for (const json::object& parameter : operation.parameters) {
            EXPECT_TRUE(parameter.contains("description")) << operation.name() << json::serialize(parameter);
            EXPECT_TRUE(parameter.contains("example")) << operation.name() << json::serialize(parameter);
        }
    }
}

TEST(OpenApiDocument, has_an_example_that_fits_for_every_body) {
    std::size_t tried = 0;
    walk(OpenApi::document().root(), "", [&](const json::object& node, const std::string& place) {
        if (!node.contains("schema") || place.contains("/headers/")) return;
        ++tried;
        ASSERT_TRUE(node.contains("example")) << place;
        for (const std::string& mistake : OpenApi::document().mistakes(node.at("schema"), json::serialize(node.at("example"))))
            ADD_FAILURE() << place << ": " << mistake;
    });
    EXPECT_GT(tried, 80U);
}

TEST(OpenApiDocument, describes_every_field_and_lets_no_other_through) {
    const auto described = [](const json::value& property) {
        const json::object& schema = property.as_object();
        return schema.contains("description") || OpenApi::document().resolve(schema).contains("description") ||
               OpenApi::document().resolve(schema).contains("properties") || OpenApi::document().resolve(schema).contains("items");
    };
    walk(OpenApi::document().root().at("components").at("schemas"), "", [&](const json::object& node, const std::string& place) {
        const json::value* properties = node.if_contains("properties");
        if (properties == nullptr || !properties->is_object() || !node.contains("type")) return;
        EXPECT_TRUE(node.contains("additionalProperties")) << place;
        for (const auto& [name, property] : properties->as_object())
            EXPECT_TRUE(described(property)) << place << "/" << std::string_view{name};
    });
}

TEST(OpenApiDocument, has_no_reference_that_leads_nowhere_and_no_part_that_nothing_refers_to) {
    std::set<std::string> referred;
    walk(OpenApi::document().root(), "", [&](const json::object& node, const std::string&) {
        if (!node.contains("$ref")) return;
        EXPECT_NO_THROW((void)OpenApi::document().resolve(node)) << json::serialize(node);
        referred.emplace(node.at("$ref").as_string().c_str());
    });
    for (const char* kind : {"schemas", "responses", "parameters"})
        for (const auto& [name, part] : OpenApi::document().root().at("components").at(kind).as_object())
            EXPECT_TRUE(referred.contains(fmt::format("#/components/{}/{}", kind, std::string_view{name}))) << std::string_view{name};
}

TEST(OpenApiDocument, has_a_page_for_every_type_of_problem) {
    std::ifstream file{STEMMA_SOURCE_DIR "/core/docs/problems.md"};
    const std::string page{std::istreambuf_iterator<char>{file}, {}};
    const json::object& problem = OpenApi::document().root().at("components").at("schemas").at("ProblemType").as_object();
    for (const json::value& type : problem.at("enum").as_array()) {
        const std::string name = std::string{type.as_string().c_str()}.substr(std::string_view{"/problems/"}.size());
        EXPECT_TRUE(page.contains("\n## " + name + "\n")) << name;
    }
}

// The check itself must be able to fail.
TEST(OpenApiCheck, notices_fields_that_are_missing_unknown_or_of_another_type) {
    const json::value schema = json::object{{"$ref", "#/components/schemas/Receipt"}};
    const auto mistakes = [&](const char* text) { return OpenApi::document().mistakes(schema, text).size(); };
    EXPECT_EQ(mistakes(R"({"first":0,"count":1,"replayed":false,"judged":true,"ids":["urn:x:1"],"verdict":{"outcome":"accepted"}})"), 0U);
    EXPECT_EQ(mistakes(R"({"count":1,"replayed":false,"judged":true,"ids":["urn:x:1"],"verdict":{"outcome":"accepted"}})"), 1U);
    EXPECT_EQ(
        mistakes(R"({"first":0,"count":1,"replayed":false,"judged":true,"ids":["urn:x:1"],"verdict":{"outcome":"accepted"},"extra":1})"),
        1U);
    EXPECT_EQ(mistakes(R"({"first":"0","count":1,"replayed":false,"judged":true,"ids":["urn:x:1"],"verdict":{"outcome":"accepted"}})"), 1U);
    EXPECT_EQ(mistakes(R"({"first":0,"count":1,"replayed":false,"judged":true,"ids":["urn:x:1"],"verdict":{"outcome":"excellent"}})"), 1U);
    EXPECT_EQ(
        mistakes(
            R"({"first":0,"count":1,"replayed":false,"judged":true,"ids":["urn:x:1"],"verdict":{"outcome":"accepted","findings":[{"message":"m","severity":"hold","x":1}]}})"),
        1U);
}

TEST(OpenApiCheck, notices_an_answer_with_an_undocumented_status_or_type) {
    const Operation* live = OpenApi::document().find("GET", "/health/live");
    ASSERT_NE(live, nullptr);
    EXPECT_TRUE(OpenApi::document().mistakes(*live, {200, "application/json", R"({"status":"ok"})", {}}).empty());
    EXPECT_FALSE(OpenApi::document().mistakes(*live, {201, "application/json", R"({"status":"ok"})", {}}).empty());
    EXPECT_FALSE(OpenApi::document().mistakes(*live, {200, "text/plain", R"({"status":"ok"})", {}}).empty());
}

TEST(OpenApiCheck, finds_the_more_exact_of_two_paths) {
    EXPECT_EQ(OpenApi::document().find("POST", "/api/v1/plugins/reload")->path, "/api/v1/plugins/reload");
    EXPECT_EQ(OpenApi::document().find("GET", "/api/v1/plugins/reload")->path, "/api/v1/plugins/{name}");
    EXPECT_EQ(OpenApi::document().find("GET", "/api/v1/nothing"), nullptr);
}

}  // namespace
}  // namespace stemma::http::test
