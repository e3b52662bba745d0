// The writer's cache of subject numbers against a std::map.
#include "adapters/store/tables/subject_ids.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace stemma::store {
namespace {

using Known = std::map<std::string, std::int64_t>;

void expect_same(const SubjectIds& ids, const Known& known, int names) {
    for (int i = 0; i < names; ++i) {
        const std::string uri = "urn:" + std::to_string(i);
        const auto found = known.find(uri);
        const auto expected = found == known.end() ? std::nullopt : std::optional{found->second};
        ASSERT_EQ(ids.find(uri), expected) << uri;
    }
}

TEST(SubjectIds, forgets_what_a_part_added_and_nothing_else) {
    constexpr int kNames = 6000;  // the slots grow several times, within parts too
    std::mt19937 random{11};
    SubjectIds ids;
    Known known;
    for (int part = 0; part < 60; ++part) {
        const Known before = known;
        ids.begin_part();
        for (int i = 0; i < 400; ++i) {
            const std::string uri = "urn:" + std::to_string(random() % kNames);
            if (const std::int64_t id = part * 1000 + i; known.emplace(uri, id).second) ids.add(uri, id);
        }
        if (part % 3 == 1) {
            ids.undo_part();
            known = before;
        }
        expect_same(ids, known, kNames);
    }
    ids.clear();
    expect_same(ids, {}, kNames);
}

TEST(SubjectIds, tells_an_empty_name_and_names_with_nul_apart) {
    SubjectIds ids;
    EXPECT_FALSE(ids.find(""));
    ids.add("", 1);
    ids.add(std::string_view{"a\0b", 3}, 2);
    ids.add("a", 3);
    EXPECT_EQ(ids.find(""), 1);
    EXPECT_EQ(ids.find(std::string_view{"a\0b", 3}), 2);
    EXPECT_EQ(ids.find("a"), 3);
    EXPECT_FALSE(ids.find("b"));
}

TEST(SubjectIds, begins_anew_past_its_limit_of_names) {
    SubjectIds ids;
    for (std::size_t i = 0; i < SubjectIds::kNamesMax; ++i) ids.add(std::to_string(i), static_cast<std::int64_t>(i));
    EXPECT_EQ(ids.find("0"), 0);
    ids.begin_part();
    ids.add("one more", 7);
    EXPECT_FALSE(ids.find("0"));
    EXPECT_EQ(ids.find("one more"), 7);
    ids.undo_part();
    EXPECT_FALSE(ids.find("one more")) << "what is left is of the part";
}

TEST(SubjectIds, begins_anew_past_its_limit_of_bytes) {
    SubjectIds ids;
    const std::string half(SubjectIds::kBytesMax / 2, 'x');
    ids.add(half, 1);
    ids.add(half.substr(1) + "y", 2);
    EXPECT_EQ(ids.find(half), 1) << "at the limit";
    ids.add("z", 3);
    EXPECT_FALSE(ids.find(half));
    EXPECT_EQ(ids.find("z"), 3);
    const std::string longer(SubjectIds::kBytesMax + 1, 'x');
    ids.add(longer, 4);
    EXPECT_FALSE(ids.find(longer)) << "not kept at all";
    EXPECT_EQ(ids.find("z"), 3) << "nor at the cost of others";
}

}  // namespace
}  // namespace stemma::store
