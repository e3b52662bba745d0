// The contract for what is not in the ledger: persons, sync cursors, rejects, who may act.
#include <limits>

#include "tests/contract/store_backends.hpp"

namespace stemma::test {
namespace {

class StateContract : public StoreContract {
protected:
    void write(const std::function<Result<void>(UnitOfWork&)>& act) const {
        auto work = begin();
        ASSERT_TRUE(act(*work));
        ASSERT_TRUE(work->commit());
    }
};
STEMMA_ON_EVERY_STORE(StateContract);

TEST_P(StateContract, replaces_and_redacts_persons) {
    const PartyId ann{"p:1"};
    write([&](UnitOfWork& work) { return work.put_person({ann, "Ann", "ann@example.org", "0a"}); });
    write([&](UnitOfWork& work) { return work.put_person({ann, "Ann B\xC3\xA9", "", "0b"}); });
    const auto found = value(read()->person(ann));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->party, ann);
    EXPECT_EQ(found->name, "Ann B\xC3\xA9");
    EXPECT_EQ(found->contact, "");
    EXPECT_EQ(found->salt, "0b");
    write([&](UnitOfWork& work) { return work.redact_person(ann); });
    EXPECT_FALSE(value(read()->person(ann)));
    write([&](UnitOfWork& work) { return work.redact_person(ann); });
}

TEST_P(StateContract, keeps_one_state_per_source_and_query) {
    write([&](UnitOfWork& work) { return work.put_source_state({"erp", "moves", "c1", "", {-1}, 0}); });
    write([&](UnitOfWork& work) {
        return work.put_source_state({"erp", "", "", "column gone", {std::numeric_limits<std::int64_t>::min()}, 1});
    });
    write([&](UnitOfWork& work) {
        return work.put_source_state({"erp", "moves", "c2", "", {std::numeric_limits<std::int64_t>::max()}, 9007199254740993});
    });
    const auto states = value(read()->source_states());
    ASSERT_EQ(states.size(), 2U);
    EXPECT_EQ(states[0].query, "");
    EXPECT_EQ(states[0].paused, "column gone");
    EXPECT_EQ(states[0].read_at.us, std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(states[1].query, "moves");
    EXPECT_EQ(states[1].cursor, "c2");
    EXPECT_EQ(states[1].read_at.us, std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(states[1].rows, 9007199254740993U);
}

TEST_P(StateContract, replaces_and_removes_who_may_act) {
    const AccessRow ada{"user", "ada", R"({"roles":["administrator"]})"};
    const AccessRow token{"token", "1f2e", R"({"name":"b\u00e9la"})"};
    write([&](UnitOfWork& work) { return work.put_access({"user", "ada", "{}"}); });
    write([&](UnitOfWork& work) {
        if (auto put = work.put_access(ada); !put) return put;
        return work.put_access(token);
    });
    EXPECT_EQ(value(read()->access_rows()), (std::vector{token, ada}));  // by kind, then id
    write([&](UnitOfWork& work) { return work.remove_access("token", "1f2e"); });
    write([&](UnitOfWork& work) { return work.remove_access("token", "never there"); });
    EXPECT_EQ(value(read()->access_rows()), std::vector{ada});
}

TEST_P(StateContract, reads_who_may_act_as_the_unit_of_work_has_written_it) {
    auto work = begin();
    ASSERT_TRUE(work->put_access({"user", "ada", "{}"}));
    EXPECT_EQ(value(work->access_rows()), (std::vector<AccessRow>{{"user", "ada", "{}"}}));
    ASSERT_TRUE(work->begin_part());
    ASSERT_TRUE(work->put_access({"user", "ada", "changed"}));
    ASSERT_TRUE(work->put_access({"user", "ben", "{}"}));
    ASSERT_TRUE(work->undo_part());
    EXPECT_EQ(value(work->access_rows()), (std::vector<AccessRow>{{"user", "ada", "{}"}}));
    ASSERT_TRUE(work->remove_access("user", "ada"));
    ASSERT_TRUE(work->commit());
    EXPECT_TRUE(value(read()->access_rows()).empty());
}

TEST_P(StateContract, replaces_and_clears_rejects) {
    write([&](UnitOfWork& work) { return work.put_reject({"erp", "moves", "2", "stock_move", "quantity 'x'", {5}}); });
    write([&](UnitOfWork& work) { return work.put_reject({"erp", "moves", "1", "stock_move", "no lot", {-1}}); });
    write([&](UnitOfWork& work) { return work.put_reject({"b", "lots", "1", "lot", "no number", {7}}); });
    write([&](UnitOfWork& work) { return work.put_reject({"erp", "moves", "2", "stock_move", "quantity 'y'", {6}}); });
    const auto reasons = [&](const std::string& source, std::uint64_t limit) {
        std::vector<std::string> found;
        for (const RejectRow& row : value(read()->rejects(source, limit))) found.push_back(row.key + " " + row.reason);
        return found;
    };
    using Lines = std::vector<std::string>;
    EXPECT_EQ(reasons("erp", 10), (Lines{"1 no lot", "2 quantity 'y'"}));
    EXPECT_EQ(reasons("", 10), (Lines{"1 no number", "1 no lot", "2 quantity 'y'"}));
    EXPECT_EQ(reasons("", 1), Lines{"1 no number"});
    EXPECT_EQ(value(read()->rejects("erp", 1)).at(0).at.us, -1);
    EXPECT_EQ(value(read()->rejects("erp", 1)).at(0).table, "stock_move");
    write([&](UnitOfWork& work) { return work.clear_reject("erp", "moves", "1"); });
    write([&](UnitOfWork& work) { return work.clear_reject("erp", "moves", "none"); });
    EXPECT_EQ(reasons("erp", 10), Lines{"2 quantity 'y'"});
}

}  // namespace
}  // namespace stemma::test
