// What an operator reads and writes: the shipped rule packs, the options' schemas, the examples in the plugins' READMEs.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/config/schema.hpp"
#include "core/config/tree.hpp"
#include "plugins/compliance/rule_pack.hpp"
#include "plugins/lot/options.hpp"
#include "plugins/pattern/numbering.hpp"
#include "plugins/pattern/options.hpp"

namespace stemma {
namespace {

using Reader = pattern::SchemePtr (*)(const sdk::Json&);

constexpr std::string_view kPatternSchema = pattern::joined<pattern::kSchemaHead, pattern::kSchemaTail>;
constexpr std::string_view kLotSchema = pattern::joined<pattern::kSchemaHead, lot::kAttributesSchema, pattern::kSchemaTail>;

std::filesystem::path source(const std::string& path) { return std::filesystem::path(STEMMA_SOURCE_DIR) / path; }

/// The first ```yaml block of a README.
std::string yaml_in(const std::filesystem::path& readme) {
    std::ostringstream text;
    text << std::ifstream(readme).rdbuf();
    const std::string all = text.str();
    const std::string fence = "```yaml\n";
    const std::size_t from = all.find(fence);
    if (from == std::string::npos) return {};
    return all.substr(from + fence.size(), all.find("```", from + fence.size()) - from - fence.size());
}

TEST(RulePacks, that_are_shipped_load_and_hold_against_their_own_examples) {
    int rules = 0;
    for (const auto& file : std::filesystem::directory_iterator(source("config/rules"))) {
        const auto tree = config::read_yaml_file(file.path());
        ASSERT_TRUE(tree) << tree.error().text();
        for (const compliance::Rule& rule : compliance::read_rule_pack(file.path().filename().string(), config::to_json(tree->root()))) {
            EXPECT_EQ(compliance::failing_example(rule), std::nullopt);
            EXPECT_FALSE(rule.citation.empty()) << rule.id;
            ++rules;
        }
    }
    EXPECT_GE(rules, 1);
}

struct Written {
    const char* plugin;
    std::string_view schema;
    Reader read;
    const char* example;
};

void expect_example(const Written& written) {
    const auto schema = config::Schema::compile(written.schema, written.plugin);
    ASSERT_TRUE(schema) << schema.error().text();
    const std::filesystem::path readme = source("plugins/" + std::string(written.plugin) + "/README.md");
    const auto tree = config::read_yaml_text(yaml_in(readme), readme.string());
    ASSERT_TRUE(tree) << tree.error().text();
    for (const Error& error : schema->check(tree->root())) ADD_FAILURE() << error.text();
    const sdk::Json options = sdk::Json::parse(config::to_json(tree->root()));
    EXPECT_EQ(written.read(options.at("schemes").items().at(0))->example(), written.example);
}

TEST(Readmes, show_options_that_fit_the_schema_and_make_numbers) {
    // The serial's check character: ISO/IEC 7064 MOD 37,36 over BER26109 00001, found by trying all 36 against the definition.
    expect_example(
        {"serial", kPatternSchema, [](const sdk::Json& scheme) { return pattern::read_scheme(scheme, "serial"); }, "BER2610900001E"});
    expect_example({"lot", kLotSchema, lot::read_lot_scheme, "L26061-001"});
    expect_example({"sku", kPatternSchema, [](const sdk::Json& scheme) { return pattern::read_scheme(scheme, "sku"); }, "SH-RS"});
}

TEST(OptionsSchema, refuses_a_misspelt_key_by_name) {
    const auto schema = config::Schema::compile(kLotSchema, "lot");
    ASSERT_TRUE(schema);
    const auto errors_of = [&](const char* yaml) { return schema->check(config::read_yaml_text(yaml, "t.yaml")->root()).size(); };
    EXPECT_EQ(errors_of("schemes: [{name: lot, max_length: 20, attributes: [{name: silo}]}]"), 0U);
    EXPECT_EQ(errors_of("schemes: [{name: lot, max_lenght: 20}]"), 1U);
    EXPECT_EQ(errors_of("schemes: [{name: lot, max_length: 256}]"), 1U);
    EXPECT_EQ(errors_of("schemes: [{name: lot, attributes: [{name: silo, type: colour}]}]"), 1U);
    EXPECT_EQ(errors_of("schemes: []"), 1U);
    EXPECT_EQ(errors_of("{}"), 0U);
}

}  // namespace
}  // namespace stemma
