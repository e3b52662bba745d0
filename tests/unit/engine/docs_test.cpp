// core/docs/facts.md lists every fact of the catalogue with its columns and every line of the table of milestones, and no other.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "core/domain/event.hpp"
#include "core/engine/facts.hpp"
#include "core/engine/milestones.hpp"

namespace stemma::engine {
namespace {

std::string manual() {
    std::ifstream file{STEMMA_SOURCE_DIR "/core/docs/facts.md"};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::string joined(const std::vector<std::string>& texts) { return fmt::format("{}", fmt::join(texts, ", ")); }

/// The lines between the table's head and the next empty line.
std::set<std::string> rows_under(const std::string& text, const std::string& head) {
    std::set<std::string> rows;
    std::size_t at = text.find(head);
    EXPECT_NE(at, std::string::npos) << head;
    at = text.find('\n', text.find('\n', at) + 1) + 1;
    for (std::size_t end = 0; text[at] == '|'; at = end + 1) {
        end = text.find('\n', at);
        rows.insert(text.substr(at, end - at));
    }
    return rows;
}

TEST(FactCatalogue, stands_in_the_manual_word_for_word) {
    std::set<std::string> rows;
    for (const FactKind& kind : fact_kinds()) {
        std::vector<std::string> columns;
        for (const Column& column : kind.columns)
            columns.push_back(column.name + (column.type == ColumnType::text ? "" : " " + std::string{to_string(column.type)}));
        rows.insert(fmt::format("| `{}` | {} | {} | {} |", kind.name, joined(kind.arguments), joined(columns), kind.meaning));
    }
    EXPECT_EQ(rows_under(manual(), "| fact | arguments |"), rows);
}

std::string in_words(std::string_view pattern) {
    if (pattern.empty()) return "any";
    std::string words{pattern.starts_with('-') ? "any but " : ""};
    for (const char c : pattern)
        if (c != '-') words += c == '|' ? std::string{", "} : std::string{c};
    return words;
}

TEST(FactCatalogue, milestones_stand_in_the_manual_as_the_table_has_them) {
    std::set<std::string> rows;
    for (const MilestoneRule& rule : milestone_rules()) {
        std::string also;
        if (rule.action) also = to_string(*rule.action);
        if (rule.to_party) also = "a destination party";
        if (!rule.document.empty()) also = fmt::format("a document of type {}", rule.document);
        rows.insert(fmt::format("| {} | {} | {} | {} | {} |", to_string(rule.kind), to_string(rule.part), in_words(rule.steps),
                                in_words(rule.dispositions), also));
    }
    for (const CaseMilestone& step : case_milestones())
        rows.insert(fmt::format("| {} | a case | {} | | |", to_string(step.kind), step.step));
    EXPECT_EQ(rows_under(manual(), "| kind | named as |"), rows);
}

TEST(FactCatalogue, the_table_of_milestones_names_only_steps_that_an_event_may_have) {
    for (const MilestoneRule& rule : milestone_rules()) {
        for (const auto& [list, known] : {std::pair{rule.steps, true}, {rule.dispositions, false}}) {
            std::string_view rest = list.starts_with('-') ? list.substr(1) : list;
            while (!rest.empty()) {
                const std::size_t end = std::min(rest.find('|'), rest.size());
                const std::string_view name = rest.substr(0, end);
                EXPECT_TRUE(known ? is_biz_step(name) || is_own_biz_step(name) : is_disposition(name)) << name;
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
        }
    }
}

}  // namespace
}  // namespace stemma::engine
