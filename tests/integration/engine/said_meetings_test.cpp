// Ids that a person says are one: one entry whichever of them is named first, and it stands until a person says otherwise.
#include <gtest/gtest.h>

#include "core/engine/known_as.hpp"
#include "core/engine/meetings.hpp"
#include "core/engine/sync.hpp"
#include "tests/integration/engine/engine_rig.hpp"
#include "tests/integration/engine/shop_erp.hpp"

namespace stemma {
namespace {

using test::EngineRig;
using test::ShopErp;

constexpr const char* kJacket = "4006381333931";  // check digit by hand: 4+0+0+18+3+24+1+9+3+9+9+9 = 89, to 90: 1

/// Two lots whose numbers differ by a dash, of one product: one only where a person says so.
class SaidToBeOne : public ::testing::TestWithParam<bool> {
protected:
    SaidToBeOne() {
        a.product(1, "X", kJacket);
        b.product(7, "Y", kJacket);
        a.lot(1, 1, "N-1");
        b.lot(1, 7, "N1");
        sync(a.source());
        sync(b.source());
        before = rig.entries().size();
    }
    void sync(const std::unique_ptr<ErpSource>& source) {
        engine::Syncing syncing{rig.store(), rig.appender(), rig.plugins(), rig.clock(), rig.limits()};
        syncing.meet_by(desk);
        const auto report = syncing.run(
            *source, engine::SyncReach::all, [](const auto&, const auto&) {}, [] { return false; });
        EXPECT_TRUE(report) << report.error().text();
    }
    [[nodiscard]] bool are_one(const std::string& one, const std::string& other) {
        const lineage::View view = rig.index().view();
        const lineage::Node node = view.find(ItemId{one});
        return node != lineage::Node::none && node == view.find(ItemId{other});
    }
    [[nodiscard]] std::vector<Meeting> meetings() {
        std::vector<Meeting> found;
        for (const Entry& entry : rig.entries())
            if (const Meeting* meeting = std::get_if<Meeting>(&entry.body); meeting != nullptr && !meeting->products)
                found.push_back(*meeting);
        return found;
    }
    Result<void> declare(bool apart, const std::string& first, const std::string& second) {
        return rig.appender().run([&](engine::Appending& tx) -> Result<void> {
            const auto done = desk.declare(tx, "user:ada", "one label", first, second, apart);
            return done ? Result<void>{} : std::unexpected(done.error());
        });
    }

    const std::string here{"urn:stemma:a:lot:1"};  // recorded first
    const std::string there{"urn:stemma:b:lot:1"};
    ShopErp a{"a"};
    ShopErp b{"b"};
    ShopErp c{"c"};
    test::TempFolder folder;
    EngineRig rig{folder.path()};
    engine::MeetingDesk desk{{{"a", "b", "c"}, {}}};
    std::size_t before{0};
};

TEST_P(SaidToBeOne, are_one_by_one_entry_whichever_of_them_is_named_first) {
    const bool turned = GetParam();
    ASSERT_TRUE(declare(false, turned ? there : here, turned ? here : there));
    ASSERT_EQ(meetings().size(), 1U);
    EXPECT_EQ(meetings()[0].first, here);
    EXPECT_EQ(meetings()[0].second, there);
    EXPECT_FALSE(meetings()[0].apart);
    EXPECT_EQ(rig.entries().size(), before + 1);
    EXPECT_TRUE(are_one(here, there));
    sync(a.source());
    sync(b.source());
    EXPECT_EQ(meetings().size(), 1U) << "what a person said stands";
    ASSERT_TRUE(declare(true, turned ? here : there, turned ? there : here));
    ASSERT_EQ(meetings().size(), 2U);
    EXPECT_TRUE(meetings()[1].apart);
    EXPECT_EQ(meetings()[1].first, here);
    EXPECT_FALSE(are_one(here, there));
}

TEST_P(SaidToBeOne, join_a_third_whose_first_they_are_not_and_nothing_parts_them) {
    c.product(3, "Z", kJacket);
    c.lot(1, 3, "N1");  // meets b's by its number
    sync(c.source());
    const std::string third = "urn:stemma:c:lot:1";
    ASSERT_TRUE(are_one(there, third));
    const bool turned = GetParam();
    ASSERT_TRUE(declare(false, turned ? third : here, turned ? here : third));
    EXPECT_TRUE(are_one(here, there) && are_one(here, third));
    for (const Meeting& meeting : meetings()) {
        EXPECT_FALSE(meeting.apart && meeting.rule == MeetingRule::declared) << meeting.first << " and " << meeting.second;
        EXPECT_FALSE(meeting.why.starts_with(" ")) << "a reason that names nothing";
    }
    const auto snapshot = rig.store().read();
    for (const std::string& id : {here, there, third}) EXPECT_EQ(*engine::KnownAs(**snapshot, lineage::kLatest).first(id), here);
}

INSTANTIATE_TEST_SUITE_P(Order, SaidToBeOne, ::testing::Bool());

}  // namespace
}  // namespace stemma
