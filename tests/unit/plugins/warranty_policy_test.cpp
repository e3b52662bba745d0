// What a policy file may say: the shipped ones and the page's fit the JSON Schema and the reader; what is wrong is refused with its place.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/config/schema.hpp"
#include "core/config/tree.hpp"
#include "plugins/warranty/policy_file.hpp"
#include "tests/unit/plugins/warranty_support.hpp"

namespace stemma::warranty {
namespace {

namespace fs = std::filesystem;
const fs::path kSource{STEMMA_SOURCE_DIR};

std::string read(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

std::vector<Error> schema_errors(const std::string& yaml) {
    const auto schema = config::Schema::compile(read(kSource / "schemas/config/warranty.schema.json"), "warranty.schema.json");
    if (!schema) return {schema.error()};
    const auto tree = config::read_yaml_text(yaml, "own.yaml");
    if (!tree) return {tree.error()};
    return schema->check(tree->root());
}

std::string refusal(const std::string& yaml) {
    try {
        (void)test::policies_of(yaml);
    } catch (const sdk::BadOption& bad) {
        return bad.what();
    }
    return "it was taken";
}

/// A file of one policy; `more` is put into it.
std::string file_with(const std::string& more, const std::string& without = "") {
    std::string policy =
        "id: p\ntitle: P\ncitation: test\nkind: commercial\nstart: {basis: [delivery]}\nperiod: {months: 12}\ncalendar: {}\n";
    if (!without.empty()) {
        const std::size_t from = policy.find(without);
        policy.erase(from, policy.find('\n', from) + 1 - from);
    }
    std::string out = "pack: own\npolicies:\n";
    bool first = true;
    std::istringstream lines(policy + more);
    for (std::string line; std::getline(lines, line); first = false) out += (first ? "  - " : "    ") + line + "\n";
    return out;
}

TEST(WarrantyPolicies, that_are_shipped_fit_the_schema_and_name_their_citations) {
    for (const char* name : {"eu-statutory.yaml", "markets.yaml", "commercial.yaml"}) {
        const fs::path file = kSource / "config/warranty" / name;
        for (const Error& error : schema_errors(read(file))) ADD_FAILURE() << name << ": " << error.text();
        EXPECT_FALSE(test::policies_in(file).empty());
    }
    for (const Policy& policy : test::shipped()) EXPECT_GT(policy.citation.size(), 10U) << policy.id;
    EXPECT_GE(test::shipped().size(), 14U);
}

TEST(WarrantyPolicies, of_one_market_say_that_they_are_unverified) {
    for (const Policy& policy : test::policies_in(kSource / "config/warranty/markets.yaml"))
        EXPECT_NE(policy.citation.find("(unverified)"), std::string::npos) << policy.id;
}

TEST(WarrantyPolicies, on_the_manuals_page_are_taken) {
    const std::string page = read(kSource / "core/docs/warranty.md");
    const std::string fence = "```yaml\npack:";
    const std::size_t from = page.find(fence);
    ASSERT_NE(from, std::string::npos);
    const std::size_t begin = from + std::string("```yaml\n").size();
    const std::string yaml = page.substr(begin, page.find("```", begin) - begin);
    for (const Error& error : schema_errors(yaml)) ADD_FAILURE() << error.text();
    EXPECT_EQ(refusal(yaml), "it was taken");
}

struct Bad {
    const char* more;
    const char* without;
    const char* says;    // the plugin, when the file is loaded
    bool schema_allows;  // a schema cannot know it
};

// Each with its place in the file as a JSON pointer, the reason, and where it helps what to write instead.
const std::vector<Bad> kBad{
    {"perod: {months: 12}", "", "own.yaml: /policies/0/perod: unknown key; did you mean 'period'?", false},
    {"colour: red", "", "own.yaml: /policies/0/colour: unknown key; there may be id, title, citation", false},
    {"", "citation", "own.yaml: /policies/0 lacks 'citation'", false},
    {"", "calendar", "own.yaml: /policies/0 lacks 'calendar'", false},
    {"kind: legal", "kind",
     "own.yaml: /policies/0/kind: 'legal' is not known here; there may be statutory, commercial, component, supplier", false},
    {"period: {months: 0}", "period", "own.yaml: /policies/0/period: a period needs years, months or days, such as {months: 24}", true},
    {"period: {months: 1201}", "period", "own.yaml: /policies/0/period/months: 1201 is outside 0 to 1200", false},
    {"period: {months: 24.5}", "period", "own.yaml: /policies/0/period/months must be a whole number of 64 bits", false},
    {"period: {years: 100, months: 1}", "period", "own.yaml: /policies/0/period: a period has at most 1200 months", true},
    {"start: {basis: []}", "start", "own.yaml: /policies/0/start/basis: names what the period begins with", false},
    {"start: {basis: [delivered]}", "start", "own.yaml: /policies/0/start/basis/0: 'delivered' is not known here; did you mean 'delivery'?",
     false},
    {"start: {basis: [sale, sale]}", "start", "own.yaml: /policies/0/start/basis/1: stands twice", false},
    {"start: {basis: [sale], manufacture_grace: {days: 3}}", "start",
     "own.yaml: /policies/0/start/manufacture_grace: makes sense only where manufacture is a basis", true},
    {"calendar: {utc_offset: \"+25:00\"}", "calendar",
     "own.yaml: /policies/0/calendar/utc_offset: '+25:00' is no offset from UTC such as \"+01:00\"", true},
    {"calendar: {month_end: clamp}", "calendar",
     "own.yaml: /policies/0/calendar/month_end: 'clamp' is not known here; there may be last_day, next_month", false},
    {"applies: {markets: [de]}", "",
     "own.yaml: /policies/0/applies/markets/0: 'de' is no country of ISO 3166 such as DE, in capital letters", false},
    {"applies: {skus: [4711]}", "", "own.yaml: /policies/0/applies/skus/0: must be a text; write it in quotes", false},
    {"applies: {markets: []}", "", "own.yaml: /policies/0/applies/markets: a list of 1 to 10000 values is wanted; leave the key out",
     false},
    {"applies: {sold_from: 2026-02-30}", "", "own.yaml: /policies/0/applies/sold_from: '2026-02-30' is no date such as 2026-07-31", true},
    {"applies: {sold_from: 2026-02-03, sold_to: 2026-02-02}", "", "own.yaml: /policies/0/applies/sold_to: lies before sold_from", true},
    {"applies: {suppliers: [x]}", "", "own.yaml: /policies/0/applies/suppliers: only a policy of the kind supplier names suppliers", true},
    {"applies: {components: [x]}", "", "own.yaml: /policies/0/applies: only a policy of the kind component names components", true},
    {"kind: component", "kind", "own.yaml: /policies/0: a policy of the kind component names its components in applies", true},
    {"swapped_part: new_term", "", "own.yaml: /policies/0/swapped_part: only a policy of the kind component has it", true},
    {"replacement: {term: new, at_least: {days: 9}}", "", "own.yaml: /policies/0/replacement/at_least: a new term needs no minimum", true},
    {"extensions: [{id: x, title: X, after: repair}]", "", "own.yaml: /policies/0/extensions/0: needs either add (to the term) or run",
     false},
    {"extensions: [{id: x, title: X, after: repair, add: {days: 1}, run: {days: 1}}]", "",
     "own.yaml: /policies/0/extensions/0: needs either add", false},
    {"extensions: [{id: x, title: X, after: repairs, add: {days: 1}}]", "",
     "own.yaml: /policies/0/extensions/0/after: 'repairs' is not known here; did you mean 'repair'?", false},
    {"extensions: [{id: x, title: X, after: attribute, add: {days: 1}}]", "",
     "own.yaml: /policies/0/extensions/0: `after: attribute` and the key attribute go together", true},
    {"extensions: [{id: x, title: X, after: repair, times_max: 101, add: {days: 1}}]", "",
     "own.yaml: /policies/0/extensions/0/times_max: 101 is outside 1 to 100", false},
    {"extensions: [{id: x, title: X, after: repair, add: {days: 1}}, {id: x, title: Y, after: repair, add: {days: 1}}]", "",
     "own.yaml: /policies/0/extensions/1: extension 'x' stands twice", true},
};

TEST(WarrantyPolicies, that_are_wrong_are_refused_with_place_reason_and_hint) {
    for (const Bad& bad : kBad) {
        const std::string yaml = file_with(bad.more, bad.without);
        SCOPED_TRACE(bad.more + std::string(" without ") + bad.without);
        EXPECT_TRUE(refusal(yaml).starts_with(bad.says)) << refusal(yaml);
        EXPECT_EQ(schema_errors(yaml).empty(), bad.schema_allows) << "the schema";
    }
    EXPECT_EQ(refusal(file_with("")), "it was taken") << "the policy that the others are made of";
    EXPECT_TRUE(schema_errors(file_with("")).empty());
}

TEST(WarrantyPolicies, have_ids_that_are_unique_over_all_files) {
    const std::string json = R"({"pack": "a", "policies": [{"id": "p", "title": "P", "citation": "c", "kind": "commercial",
        "start": {"basis": ["sale"]}, "period": {"days": 1}, "calendar": {}}]})";
    std::vector<Policy> policies;
    read_policies("a.yaml", json, policies);
    try {
        read_policies("b.yaml", json, policies);
        FAIL() << "it was taken twice";
    } catch (const sdk::BadOption& bad) {
        EXPECT_STREQ(bad.what(), "b.yaml: /policies/0: policy 'p' stands twice; ids are unique over all files");
    }
}

TEST(WarrantyPolicies, are_limited_in_number) {
    const auto many = [](std::size_t count) {
        std::string json = R"({"pack": "a", "policies": [)";
        for (std::size_t i = 0; i < count; ++i)
            json +=
                std::string(i == 0 ? "" : ",") + R"({"id": "p)" + std::to_string(i) +
                R"(", "title": "P", "citation": "c", "kind": "commercial", "start": {"basis": ["sale"]}, "period": {"days": 1}, "calendar": {}})";
        return json + "]}";
    };
    std::vector<Policy> policies;
    read_policies("a.yaml", many(kPoliciesMax), policies);
    EXPECT_EQ(policies.size(), kPoliciesMax);
    policies.clear();
    EXPECT_THROW(read_policies("a.yaml", many(kPoliciesMax + 1), policies), sdk::BadOption);
}

}  // namespace
}  // namespace stemma::warranty
