#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "core/cli/invocation.hpp"
#include "core/cli/verb_table.hpp"
#include "core/cli/verbs.hpp"

namespace stemma::cli {
namespace {

Invocation parsed(std::vector<std::string> words) {
    auto call = parse(std::move(words), "1.2.3");
    EXPECT_TRUE(call) << (call ? "" : call.error().text);
    return call ? *std::move(call) : Invocation{};
}

ParseStop stopped(std::vector<std::string> words) {
    auto call = parse(std::move(words), "1.2.3");
    EXPECT_FALSE(call);
    return call ? ParseStop{} : std::move(call).error();
}

TEST(Options, of_every_verb_stand_before_the_noun_or_after_the_verb) {
    const Invocation before = parsed({"--json", "--server", "http://a:1", "item", "show", "X"});
    const Invocation after = parsed({"item", "show", "X", "--json", "--server", "http://a:1"});
    for (const Invocation& call : {before, after}) {
        EXPECT_EQ(call.verb, "item show");
        EXPECT_EQ(call.subject, "X");
        EXPECT_TRUE(call.json);
        EXPECT_EQ(call.server, "http://a:1");
    }
}

TEST(Options, take_an_item_that_is_called_like_a_verb) {
    EXPECT_EQ(parsed({"search", "status"}).subject, "status");
    EXPECT_EQ(parsed({"item", "show", "show"}).subject, "show");
    EXPECT_EQ(parsed({"recall", "simulate", "recall", "item"}).items, (std::vector<std::string>{"recall", "item"}));
}

TEST(Options, take_an_item_that_begins_with_a_dash_after_two_dashes) { EXPECT_EQ(parsed({"item", "show", "--", "-17"}).subject, "-17"); }

TEST(Options, read_numbers_as_decimal_digits_alone) {
    EXPECT_EQ(parsed({"replay", "010"}).sequence, 10U);
    EXPECT_EQ(parsed({"replay", "18446744073709551615"}).sequence, UINT64_MAX);
    for (const char* wrong : {"18446744073709551616", "0x10", "+1", "1.5", "1k", ""}) {
        const ParseStop stop = stopped({"replay", wrong});
        EXPECT_TRUE(stop.failed);
        EXPECT_NE(stop.text.find("is not a whole number"), std::string::npos) << stop.text;
    }
}

TEST(Options, refuse_an_option_that_is_given_without_its_value) {
    const std::vector<std::vector<std::string>> wrong{{"trace", "forward", "X", "--by", ""},
                                                      {"trace", "forward", "X", "--format", "csv", "--fields", ""},
                                                      {"trace", "gaps", "--kind", ""},
                                                      {"verify", "backup", "--key", ""},
                                                      {"--actor", "", "status"}};
    for (const std::vector<std::string>& words : wrong) {
        const ParseStop stop = stopped(words);
        EXPECT_TRUE(stop.failed);
        EXPECT_NE(stop.text.find("it is empty: give it a value, or leave it out"), std::string::npos) << stop.text;
    }
    EXPECT_TRUE(stopped({"recall", "simulate", "X", "--by="}).failed);
    EXPECT_EQ(parsed({"number", "check", "lot", ""}).text, "");  // an argument may be: it is what is checked
}

TEST(Options, refuse_a_list_of_items_together_with_counts_instead_of_items) {
    for (const std::vector<std::string>& counts : {std::vector<std::string>{"--count"}, {"--by", "place"}}) {
        std::vector<std::string> words{"recall", "simulate", "X", "--items"};
        words.insert(words.end(), counts.begin(), counts.end());
        const ParseStop stop = stopped(words);
        EXPECT_TRUE(stop.failed);
        EXPECT_NE(stop.text.find("--items"), std::string::npos) << stop.text;
    }
    EXPECT_TRUE(parsed({"recall", "simulate", "X", "--items"}).list_items);
}

TEST(Options, take_fields_as_name_and_value) {
    const Invocation call = parsed({"case", "do", "--field", "a=1", "rma-1", "--field", "note=x=y", "close", "--field", "empty="});
    EXPECT_EQ(call.subject, "rma-1");
    EXPECT_EQ(call.text, "close");
    EXPECT_EQ(call.fields, (std::vector<std::pair<std::string, std::string>>{{"a", "1"}, {"note", "x=y"}, {"empty", ""}}));
    EXPECT_TRUE(stopped({"case", "do", "rma-1", "close", "--field", "note"}).failed);
    EXPECT_TRUE(stopped({"case", "do", "rma-1", "close", "--field", "=note"}).failed);
}

TEST(Options, take_a_dash_as_the_standard_input) { EXPECT_EQ(parsed({"event", "capture", "-"}).file, "-"); }

TEST(Options, name_the_nearest_verb_and_option) {
    EXPECT_EQ(stopped({"itme", "show", "X"}).hint, "did you mean 'item'?");
    EXPECT_EQ(stopped({"item", "shwo", "X"}).text, "there is no verb 'item shwo'");
    EXPECT_EQ(stopped({"item", "shwo", "X"}).hint, "did you mean 'show'?");
    EXPECT_EQ(stopped({"item", "show", "X", "--as-off", "1"}).hint, "did you mean '--as-of'?");
}

TEST(Options, say_what_is_missing_or_too_much) {
    EXPECT_EQ(stopped({"item", "show"}).text, "ITEM is required");
    EXPECT_EQ(stopped({"item", "show"}).hint, "stemma item show --help");
    EXPECT_EQ(stopped({"item", "show", "A", "B"}).text, "'B' is one word too many for stemma item show");
    EXPECT_TRUE(stopped({"item", "show", "A", "--as-of"}).failed);
}

TEST(Options, list_the_verbs_where_none_is_given) {
    EXPECT_TRUE(stopped({}).failed);
    EXPECT_NE(stopped({}).text.find("recall simulate"), std::string::npos);
    EXPECT_NE(stopped({"ledger"}).text.find("ledger verify"), std::string::npos);
    EXPECT_EQ(stopped({"ledger"}).text.find("recall simulate"), std::string::npos);
}

TEST(Help, has_summary_usage_and_examples_for_every_verb) {
    for (const VerbText& text : verb_texts()) {
        std::vector<std::string> words;
        std::istringstream path{std::string{text.path}};
        for (std::string word; path >> word;) words.push_back(word);
        words.emplace_back("--help");
        const ParseStop stop = stopped(words);
        EXPECT_FALSE(stop.failed) << text.path;
        EXPECT_NE(stop.text.find(text.summary), std::string::npos) << text.path;
        EXPECT_NE(stop.text.find("Usage\n  stemma " + std::string{text.path}), std::string::npos) << text.path;
        EXPECT_NE(stop.text.find("Examples\n  stemma " + std::string{text.path}), std::string::npos) << text.path;
    }
}

TEST(Help, says_the_version) {
    EXPECT_FALSE(stopped({"--version"}).failed);
    EXPECT_EQ(stopped({"--version"}).text, "stemma 1.2.3\n");
}

TEST(Help, gives_examples_that_can_be_parsed) {
    for (const VerbText& text : verb_texts()) {
        std::istringstream lines{std::string{text.examples}};
        for (std::string line; std::getline(lines, line);) {
            std::vector<std::string> words;  // as a shell would split them: 'quoted', and < ends it
            std::istringstream rest{line};
            for (std::string word; rest >> word && word != "<";) {
                while (word.starts_with('\'') && !word.ends_with('\'')) {
                    std::string more;
                    if (!(rest >> more)) break;
                    word += ' ' + more;
                }
                words.push_back(word);
            }
            ASSERT_EQ(words.front(), "stemma") << line;
            words.erase(words.begin());
            const auto call = parse(words, "");
            EXPECT_TRUE(call) << line << ": " << (call ? "" : call.error().text);
            EXPECT_EQ(call ? call->verb : "", text.path) << line;
        }
    }
}

TEST(Verbs, in_the_option_tree_all_do_something) {
    for (const VerbText& text : verb_texts()) EXPECT_NE(verb_of(text.path), nullptr) << text.path;
    EXPECT_EQ(verb_of("item"), nullptr);
}

// --- the manual -----------------------------------------------------------------------------------------------------------------------

/// core/docs/cli.md: usage of each verb -> the options that its section names, each as `--option`.
struct Manual {
    std::map<std::string, std::set<std::string>> verbs;
    std::set<std::string> common;
};

std::set<std::string> options_named(const std::string& line) {
    std::set<std::string> names;
    for (std::size_t at = line.find("`--"); at != std::string::npos; at = line.find("`--", at + 1))
        names.insert(line.substr(at + 1, line.find_first_of(" `", at + 1) - at - 1));
    return names;
}

Manual read_manual() {
    Manual manual;
    std::ifstream file{STEMMA_SOURCE_DIR "/core/docs/cli.md"};
    EXPECT_TRUE(file);
    std::set<std::string>* section = nullptr;
    for (std::string line; std::getline(file, line);) {
        constexpr std::string_view kVerb = "### `stemma ";
        if (line.starts_with(kVerb)) section = &manual.verbs[line.substr(kVerb.size(), line.size() - kVerb.size() - 1)];
        if (line.starts_with("## ")) section = line == "## Options of every verb" ? &manual.common : nullptr;
        if (section != nullptr && line.starts_with("| `--")) section->merge(options_named(line));
    }
    return manual;
}

TEST(Manual, has_every_verb_and_option_and_no_other) {
    const Manual manual = read_manual();
    std::map<std::string, std::set<std::string>> tree;
    for (const VerbForm& form : verb_forms()) tree[form.usage] = {form.options.begin(), form.options.end()};
    for (const auto& [usage, options] : tree) {
        const auto section = manual.verbs.find(usage);
        ASSERT_NE(section, manual.verbs.end()) << "core/docs/cli.md has no section '### `stemma " << usage << "`'";
        EXPECT_EQ(section->second, options) << "the options of stemma " << usage;
    }
    for (const auto& [usage, options] : manual.verbs)
        EXPECT_TRUE(tree.contains(usage)) << "core/docs/cli.md has a verb that is none: " << usage;
    std::set<std::string> common;
    for (const std::string& name : common_options()) common.insert(name);
    common.insert("--version");
    EXPECT_EQ(manual.common, common);
}

}  // namespace
}  // namespace stemma::cli
