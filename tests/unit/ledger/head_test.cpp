// The head of the ledger: numbers, hashes, and the way back.
#include "core/ledger/head.hpp"

#include <gtest/gtest.h>

#include "tests/unit/ledger/fake_ledger.hpp"

namespace stemma {
namespace {

TEST(LedgerHead, numbers_and_chains_entries) {
    LedgerHead head;
    const StoredEntry first = head.next("one");
    const StoredEntry second = head.next("two");
    EXPECT_EQ(first.sequence, 0U);
    EXPECT_EQ(second.sequence, 1U);
    EXPECT_EQ(second.bytes, "two");
    // printf '\0one' | sha256sum; then the 32 zero bytes and that hash, hashed; and so on.
    EXPECT_EQ(first.leaf_hash, "d0d7360ab79f58ab1e1e3fe64ad77e2ea0bc07e36b5f46ed2223edd9298df9e9");
    EXPECT_EQ(first.chain_hash, "66c3ca43a312ad619fe919d39b3c1fdf5096288ef21946e03c7dcde098f7174a");
    EXPECT_EQ(second.leaf_hash, "ab1ab7f07c7c8fe0eff4ba6faa53c7e4412e91a599153e8aa4e01beece5b7825");
    EXPECT_EQ(second.chain_hash, "ad57db5c3bcfdbb87983e4c0ffadc43040164da635eebd5322991030b9054abb");
    EXPECT_EQ(to_hex(head.root()), "4f55f619d9215235778b2b9f17d6f4915b16171214d152381293669764de722e");
    EXPECT_EQ(head.size(), 2U);
}

TEST(LedgerHead, goes_on_after_a_restart_where_it_was) {
    LedgerHead head;
    test::FakeLedger ledger;
    for (int i = 0; i < 700; ++i) ledger.rows.push_back(head.next(std::to_string(i)));
    LedgerHead loaded = LedgerHead::load(ledger).value();
    EXPECT_EQ(loaded.size(), 700U);
    EXPECT_EQ(loaded.root(), head.root());
    EXPECT_EQ(loaded.next("more").chain_hash, head.next("more").chain_hash);
    const Proof proof = loaded.tree().inclusion_proof(650, 700, leaves_of(ledger)).value();
    EXPECT_FALSE(proof.empty());
    test::FakeLedger empty;
    EXPECT_EQ(LedgerHead::load(empty).value().root(), empty_root());
}

TEST(LedgerHead, forgets_what_did_not_commit) {
    LedgerHead head;
    for (int i = 0; i < 255; ++i) static_cast<void>(head.next(std::to_string(i)));
    LedgerHead other = head;
    const LedgerHead::Mark mark = head.mark();
    for (int i = 0; i < 600; ++i) static_cast<void>(head.next("lost"));
    head.reset(mark);
    EXPECT_EQ(head.size(), 255U);
    EXPECT_EQ(head.root(), other.root());
    EXPECT_EQ(head.next("kept").chain_hash, other.next("kept").chain_hash);
    EXPECT_EQ(head.root(), other.root());
}

TEST(LedgerHead, does_not_start_on_rows_that_are_no_ledger) {
    LedgerHead head;
    test::FakeLedger ledger;
    for (int i = 0; i < 5; ++i) ledger.rows.push_back(head.next(std::to_string(i)));
    test::FakeLedger gap = ledger;
    gap.rows.erase(gap.rows.begin() + 2);
    EXPECT_EQ(LedgerHead::load(gap).error().code, Errc::storage);
    test::FakeLedger no_leaf = ledger;
    no_leaf.rows[2].leaf_hash = "x";
    EXPECT_EQ(LedgerHead::load(no_leaf).error().message, "the leaf hash of entry 2 is no hash");
    test::FakeLedger no_chain = ledger;
    no_chain.rows[4].chain_hash.clear();
    EXPECT_EQ(LedgerHead::load(no_chain).error().message, "entry 4 has no chain hash");
}

}  // namespace
}  // namespace stemma
