// The route table: what is found, and what each request that is not gets to hear.
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "adapters/http/http.hpp"

namespace stemma::http {
namespace {

Response said(std::string text) { return {200, "text/plain", std::move(text), {}}; }

/// A few routes whose handlers say what they were called with.
class RouterTest : public testing::Test {
protected:
    RouterTest() {
        router.add({"GET", "/api/v1/items", {"limit", "cursor"}, [](const Request& r) {
                        return said("list " + r.parameter("limit").value_or("-"));
                    }});
        router.add({"GET", "/api/v1/items/{id}", {}, [](const Request& r) { return said("item " + r.argument("id")); }});
        router.add({"GET", "/api/v1/items/{id}/assessments/{kind}", {}, [](const Request& r) {
                        return said(r.argument("id") + " " + r.argument("kind"));
                    }});
        router.add({"GET", "/api/v1/events", {}, [](const Request&) { return said("events"); }});
        router.add({"POST", "/api/v1/events", {}, [](const Request& r) { return said("captured " + r.body); }});
        router.add({"POST", "/api/v1/plugins/reload", {}, [](const Request&) { return said("reload"); }});
        router.add({"GET", "/api/v1/plugins/{name}", {}, [](const Request& r) { return said("plugin " + r.argument("name")); }});
    }

    [[nodiscard]] Response send(const std::string& method, const std::string& path, std::map<std::string, std::string> query = {}) const {
        Request request;
        request.method = method;
        request.path = path;
        request.query = std::move(query);
        return router.handle(std::move(request));
    }
    [[nodiscard]] Response get(const std::string& path, std::map<std::string, std::string> query = {}) const {
        return send("GET", path, std::move(query));
    }

    Router router;
};

std::string member(const Response& response, const char* name) {
    const auto document = boost::json::parse(response.body);
    const auto* value = document.as_object().if_contains(name);
    return value == nullptr ? "" : std::string{value->as_string().c_str()};
}

TEST_F(RouterTest, finds_a_route_by_method_and_path) {
    EXPECT_EQ(get("/api/v1/items").body, "list -");
    EXPECT_EQ(get("/api/v1/events").body, "events");
    EXPECT_EQ(send("POST", "/api/v1/events").body, "captured ");
}

TEST_F(RouterTest, hands_over_decoded_arguments) {
    EXPECT_EQ(get("/api/v1/items/urn%3Astemma%3Alot%3A17").body, "item urn:stemma:lot:17");
    EXPECT_EQ(get("/api/v1/items/urn:x/assessments/expiry").body, "urn:x expiry");
}

TEST_F(RouterTest, keeps_an_encoded_slash_inside_its_argument) {
    EXPECT_EQ(get("/api/v1/items/%C3%98-%C5%81%C3%93D%2F7").body, "item \xC3\x98-\xC5\x81\xC3\x93\x44/7");
    EXPECT_EQ(get("/api/v1/items/a/7").status, 404);
}

TEST_F(RouterTest, leaves_a_plus_in_a_path_as_it_is) { EXPECT_EQ(get("/api/v1/items/a+b").body, "item a+b"); }

TEST_F(RouterTest, refuses_escapes_that_it_cannot_decode) {
    for (const char* path : {"/api/v1/items/%", "/api/v1/items/a%4", "/api/v1/items/%zz", "/api/v1/items/%00", "/api/v1/items/%FF"}) {
        const Response response = get(path);
        EXPECT_EQ(response.status, 400) << path;
        EXPECT_EQ(member(response, "type"), "/problems/invalid_input") << path;
    }
}

TEST_F(RouterTest, prefers_the_route_that_was_added_first_for_its_method) {
    EXPECT_EQ(send("POST", "/api/v1/plugins/reload").body, "reload");
    EXPECT_EQ(get("/api/v1/plugins/reload").body, "plugin reload");
}

TEST_F(RouterTest, names_the_nearest_path_of_an_unknown_one) {
    const Response response = get("/api/v1/itmes");
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(member(response, "detail"), "there is nothing at /api/v1/itmes");
    EXPECT_EQ(member(response, "hint"), "did you mean '/api/v1/items'?");
}

TEST_F(RouterTest, names_no_path_when_none_is_near) {
    const Response response = get("/wp-login.php");
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(member(response, "hint"), "");
}

TEST_F(RouterTest, does_not_take_an_empty_argument_or_a_trailing_slash) {
    EXPECT_EQ(get("/api/v1/items/").status, 404);
    EXPECT_EQ(get("/api/v1/items//assessments/expiry").status, 404);
    EXPECT_EQ(get("/api/v1/events/").status, 404);
    EXPECT_EQ(get("//api/v1/events").status, 404);
    EXPECT_EQ(get("/").status, 404);
}

TEST_F(RouterTest, refuses_a_path_that_does_not_begin_with_a_slash) {
    for (const char* path : {"", "*", "http://127.0.0.1/api/v1/items"}) EXPECT_EQ(get(path).status, 400) << path;
}

TEST_F(RouterTest, answers_a_known_path_with_another_method_by_405_and_allow) {
    const Response response = send("DELETE", "/api/v1/events");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.headers.at("Allow"), "GET, POST");
    EXPECT_EQ(member(response, "type"), "/problems/method_not_allowed");
    EXPECT_EQ(member(response, "detail"), "DELETE cannot be used here");
    EXPECT_EQ(member(response, "hint"), "use GET, POST");
}

TEST_F(RouterTest, methods_are_case_sensitive) { EXPECT_EQ(send("get", "/api/v1/events").status, 405); }

TEST_F(RouterTest, takes_the_parameters_of_the_route) { EXPECT_EQ(get("/api/v1/items", {{"limit", "5"}}).body, "list 5"); }

TEST_F(RouterTest, refuses_an_unknown_parameter_and_names_the_nearest) {
    const Response response = get("/api/v1/items", {{"limt", "5"}});
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(member(response, "detail"), "the query has an unknown parameter 'limt'");
    EXPECT_EQ(member(response, "hint"), "did you mean 'limit'?");
}

TEST_F(RouterTest, lists_the_parameters_when_none_is_near) {
    EXPECT_EQ(member(get("/api/v1/items", {{"verbose", "1"}}), "hint"), "it may have limit, cursor");
}

TEST_F(RouterTest, says_nothing_of_parameters_where_there_are_none) {
    const Response response = get("/api/v1/events", {{"limit", "5"}});
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(member(response, "hint"), "");
}

TEST_F(RouterTest, cites_a_path_that_is_not_utf8_as_valid_json) {
    const Response response = get("/\xFF\xFE");
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(member(response, "detail"), "there is nothing at /\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_F(RouterTest, cites_a_long_path_in_part) {
    const Response response = get("/" + std::string(10'000, 'a'));
    EXPECT_EQ(response.status, 404);
    EXPECT_LT(response.body.size(), 400U);
}

TEST(Router, has_a_quick_answer_only_where_a_route_gives_one) {
    Router router;
    const auto slow = [](const Request&) { return Response{200, "text/plain", "slow", {}}; };
    router.add({"GET", "/plain", {}, slow});
    router.add({"GET", "/items/{id}", {"a"}, slow, [](const Request& request) -> std::optional<Response> {
                    if (request.argument("id") == "large") return std::nullopt;
                    return Response{200, "text/plain", "quick " + request.argument("id"), {}};
                }});
    const auto quick = [&](const char* method, const char* path, std::map<std::string, std::string> query = {}) {
        Request request{method, path, std::move(query), {}, {}, {}, {}};
        const auto answer = router.handle_quickly(request);
        return answer ? answer->body : "none";
    };
    EXPECT_EQ(quick("GET", "/items/x%20y"), "quick x y");
    EXPECT_EQ(quick("GET", "/items/x", {{"a", "1"}}), "quick x");
    EXPECT_EQ(quick("GET", "/items/x", {{"b", "1"}}), "none");  // the handler says what is wrong
    EXPECT_EQ(quick("GET", "/items/%zz"), "none");
    EXPECT_EQ(quick("GET", "/items/large"), "none");
    EXPECT_EQ(quick("POST", "/items/x"), "none");
    EXPECT_EQ(quick("GET", "/plain"), "none");
    EXPECT_EQ(quick("GET", ""), "none");
}

TEST_F(RouterTest, asks_the_gate_before_the_handler_and_before_a_body_is_read) {
    bool ready = true;
    std::vector<Act> asked;
    router.guard_by({[&](Act act, Request&) -> std::optional<Response> {
                         asked.push_back(act);
                         return act == Act::events_record ? std::optional{said("no")} : std::nullopt;
                     },
                     [&] { return ready; }});
    EXPECT_EQ(send("POST", "/api/v1/events").body, "no");
    EXPECT_EQ(get("/api/v1/events").body, "events");
    EXPECT_EQ(get("/api/v1/nothing").status, 404);
    EXPECT_EQ(asked, (std::vector<Act>{Act::events_record, Act::events_read}));
    Request header;
    header.method = "POST";
    EXPECT_EQ(router.refuse_early(header, "/api/v1/events?reason=x")->body, "no");
    EXPECT_FALSE(router.refuse_early(header, "/api/v1/plugins/reload"));
    EXPECT_FALSE(router.refuse_early(header, "/api/v1/nothing"));
    ready = false;  // it would have to wait: the handler's thread asks again
    EXPECT_FALSE(router.refuse_early(header, "/api/v1/events"));
}

TEST_F(RouterTest, leaves_a_route_that_is_not_listed_to_administrators) {
    std::optional<Act> asked;
    router.add({"GET", "/api/v1/brand-new", {}, [](const Request&) { return said("new"); }});
    router.guard_by({[&](Act act, Request&) -> std::optional<Response> {
                         asked = act;
                         return std::nullopt;
                     },
                     [] { return true; }});
    EXPECT_EQ(get("/api/v1/brand-new").body, "new");
    EXPECT_EQ(asked, Act::access_change);
}

}  // namespace
}  // namespace stemma::http
