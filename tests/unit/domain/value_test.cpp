// ids, master data, facts, verdicts and entries: pure values.
#include <gtest/gtest.h>

#include "core/domain/entry.hpp"

namespace stemma {
namespace {

TEST(MakeUrn, keeps_two_different_keys_apart) {
    EXPECT_EQ(make_urn("tryton", "lot", "17"), "urn:stemma:tryton:lot:17");
    EXPECT_EQ(make_urn("tryton", "lot", "a:b c%"), "urn:stemma:tryton:lot:a%3Ab%20c%25");
    EXPECT_NE(make_urn("a", "b:c", "d"), make_urn("a", "b", "c:d"));
    EXPECT_TRUE(check_uri(make_urn("tryton", "lot", "LCD-Ç/7 'x'")));
}

TEST(CheckUri, refuses_what_is_no_uri) {
    for (const char* bad : {"", "lot17", ":x", "1urn:x", "urn:", "urn:a b", "urn:\n", "ur n:x"}) EXPECT_FALSE(check_uri(bad)) << bad;
    EXPECT_TRUE(check_uri("urn:" + std::string(kUriBytesMax - 4, 'x')));
    EXPECT_FALSE(check_uri("urn:" + std::string(kUriBytesMax - 3, 'x')));
}

TEST(Outcome, is_as_strong_as_its_strongest_finding) {
    EXPECT_EQ(outcome_of({}), Outcome::accepted);
    EXPECT_EQ(outcome_of({Finding{"a", Severity::hold, "", "", "", ""}}), Outcome::accepted_with_findings);
    EXPECT_EQ(outcome_of({Finding{}, Finding{"b", Severity::refuse, "", "", "", ""}}), Outcome::refused);
}

TEST(Outcome, of_a_failed_plugin_is_never_hidden_by_an_acceptance) {
    EXPECT_EQ(worse(Outcome::undecided, Outcome::accepted), Outcome::undecided);
    EXPECT_EQ(worse(Outcome::accepted_with_findings, Outcome::undecided), Outcome::undecided);
    EXPECT_EQ(worse(Outcome::undecided, Outcome::refused), Outcome::refused);
}

TEST(FactDigest, differs_when_a_border_between_values_moves) {
    const FactTable a{"f", {}, {{"x", ColumnType::text}, {"y", ColumnType::text}}, {{std::string{"ab"}, std::string{"c"}}}};
    FactTable b = a;
    b.rows[0] = {std::string{"a"}, std::string{"bc"}};
    EXPECT_NE(digest_of({a}), digest_of({b}));
    b.rows[0] = {std::string{"ab"}, Value{}};
    EXPECT_NE(digest_of({a}), digest_of({b}));
    EXPECT_EQ(digest_of({a}), digest_of({FactTable{a}}));
}

TEST(FactTable, answers_none_for_what_is_not_there) {
    const FactTable fact{"f", {}, {{"x", ColumnType::int64}}, {{std::int64_t{7}}}};
    EXPECT_EQ(std::get<std::int64_t>(fact.at(0, "x")), 7);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(fact.at(0, "y")));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(fact.at(1, "x")));
}

TEST(Subjects, of_an_event_are_each_named_once) {
    Event event;
    event.id = EventId{"urn:e:1"};
    event.items = {{ItemId{"urn:i:1"}, std::nullopt}, {ItemId{"urn:i:1"}, std::nullopt}};
    event.destinations = {{"location", "urn:p:1"}, {"possessing_party", "urn:c:1"}};
    event.biz_location = PlaceId{"urn:p:1"};
    const auto subjects = subjects_of(event);
    EXPECT_EQ(subjects.size(), 4U);  // event, item, place, party
}

TEST(Names, are_read_back_and_misspellings_get_a_hint) {
    for (const auto kind : {ItemKind::serial, ItemKind::lot, ItemKind::logistic_unit}) EXPECT_EQ(*item_kind_from(to_string(kind)), kind);
    EXPECT_EQ(item_kind_from("serail").error().hint, "did you mean 'serial'?");
    EXPECT_EQ(tracking_from("xyz").error().hint, "it may be none, lot, serial, lot+serial");
}

}  // namespace
}  // namespace stemma
