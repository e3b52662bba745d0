// The proofs, checked as an auditor would: with the public key, the entry's bytes and RFC 9162 alone.
#include <fmt/format.h>

#include <fstream>
#include <set>

#include "core/ledger/checkpoint.hpp"
#include "core/ledger/tree.hpp"
#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

StemmaUnderTest& demo() { return stemma_with_demo(); }

std::string raw(const std::string& hex) {
    const auto digest = digest_from_hex(hex);
    EXPECT_TRUE(digest) << hex;
    return digest ? std::string{as_view(*digest)} : std::string{};
}

std::vector<std::string> raw_proof(const Answer& answer) {
    std::vector<std::string> hashes;
    for (std::size_t i = 0; i < answer.count("/proof"); ++i) hashes.push_back(raw(answer.text(fmt::format("/proof/{}", i))));
    return hashes;
}

Checkpoint opened(const std::string& note) {
    std::ifstream file{demo().file("state/ledger.pub")};
    std::string key;
    std::getline(file, key);
    const auto checkpoint = open_checkpoint(note, key_from_text(key).value());
    EXPECT_TRUE(checkpoint) << checkpoint.error().text();
    return checkpoint.value_or(Checkpoint{});
}

TEST(LedgerApi, signs_its_head_with_the_key_that_auditors_have) {
    const Answer head = demo().get("/api/v1/ledger");
    const Checkpoint checkpoint = opened(head.text("/checkpoint"));
    EXPECT_EQ(checkpoint.size, static_cast<std::uint64_t>(head.number("/size")));
    EXPECT_EQ(to_hex(checkpoint.root), head.text("/root"));
    EXPECT_EQ(checkpoint.origin, head.text("/origin"));
    EXPECT_EQ(key_from_text(head.text("/key")).value().name, checkpoint.origin);
    const Answer text = demo().get("/api/v1/ledger/checkpoint");
    EXPECT_EQ(text.body, head.text("/checkpoint"));
}

TEST(LedgerApi, proves_that_entries_are_in_the_tree_of_the_checkpoint) {
    const std::int64_t size = demo().get("/api/v1/ledger").number("/size");
    for (const std::int64_t sequence :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{255}, std::int64_t{256}, std::int64_t{1000}, size - 1}) {
        const Answer entry = demo().get(fmt::format("/api/v1/ledger/entries/{}", sequence));
        const Digest leaf = leaf_hash(entry.text("/bytes"));
        EXPECT_EQ(to_hex(leaf), entry.text("/leafHash"));
        const Answer proof = demo().get(fmt::format("/api/v1/ledger/entries/{}/proof", sequence));
        const Checkpoint checkpoint = opened(proof.text("/checkpoint"));
        EXPECT_TRUE(verify_inclusion(static_cast<std::uint64_t>(sequence), checkpoint.size, as_view(leaf), raw_proof(proof),
                                     as_view(checkpoint.root)));
        const Digest other = leaf_hash(entry.text("/bytes") + " ");
        EXPECT_FALSE(verify_inclusion(static_cast<std::uint64_t>(sequence), checkpoint.size, as_view(other), raw_proof(proof),
                                      as_view(checkpoint.root)));
    }
}

TEST(LedgerApi, says_how_an_entry_is_shown_by_its_number) {
    const Answer none = demo().get("/api/v1/events/17");
    EXPECT_EQ(none.status, 404);
    EXPECT_EQ(none.text("/hint"), "an entry is shown by its number: stemma ledger show 17");
    EXPECT_EQ(demo().get("/api/v1/events/urn:x:17").text("/hint"), "");
}

TEST(LedgerApi, chains_each_entry_to_the_one_before) {
    std::string before(32, '\0');
    for (int sequence = 0; sequence < 3; ++sequence) {
        const Answer entry = demo().get(fmt::format("/api/v1/ledger/entries/{}", sequence));
        before = as_view(sha256({before, raw(entry.text("/leafHash"))}));
        EXPECT_EQ(to_hex(before), entry.text("/chainHash"));
    }
}

TEST(LedgerApi, proves_that_it_only_grew) {
    const Answer old = demo().get("/api/v1/ledger");
    EXPECT_EQ(demo().post("/api/v1/master", quoted("{'type':'party','id':'urn:example:party:grow','code':'G'}")).status, 201);
    const Answer proof = demo().get(fmt::format("/api/v1/ledger/consistency?old={}", old.number("/size")));
    EXPECT_EQ(proof.text("/oldRoot"), old.text("/root"));
    EXPECT_EQ(proof.number("/size"), old.number("/size") + 1);
    EXPECT_TRUE(verify_consistency(static_cast<std::uint64_t>(old.number("/size")), static_cast<std::uint64_t>(proof.number("/size")),
                                   raw(old.text("/root")), raw_proof(proof), raw(proof.text("/root"))));
    EXPECT_FALSE(verify_consistency(static_cast<std::uint64_t>(old.number("/size")), static_cast<std::uint64_t>(proof.number("/size")),
                                    raw(proof.text("/root")), raw_proof(proof), raw(proof.text("/root"))));
}

TEST(LedgerApi, proves_an_entry_in_an_older_tree) {
    const Answer proof = demo().get("/api/v1/ledger/entries/3/proof?size=5");
    const Answer root = demo().get("/api/v1/ledger/consistency?old=5");
    EXPECT_EQ(proof.text("/root"), root.text("/oldRoot"));
    EXPECT_TRUE(
        verify_inclusion(3, 5, raw(demo().get("/api/v1/ledger/entries/3").text("/leafHash")), raw_proof(proof), raw(proof.text("/root"))));
}

/// Records so many parties in one commit; the ledger's size after it.
std::int64_t record_parties(const std::string& name, int count) {
    std::string all;
    for (int i = 0; i < count; ++i)
        all += quoted(fmt::format("{}{{'type':'party','id':'urn:example:party:{}{}'}}", i == 0 ? "" : ",", name, i));
    EXPECT_EQ(demo().post("/api/v1/master", "[" + all + "]").status, 201);
    return demo().get("/api/v1/ledger").number("/size");
}

TEST(LedgerApi, proves_an_older_tree_with_the_checkpoint_of_that_size) {
    const std::int64_t older = record_parties("older", 1);
    const std::int64_t newest = record_parties("newer", 1);
    ASSERT_GT(newest, older);
    for (const std::int64_t size : {older, newest}) {
        const Answer proof = demo().get(fmt::format("/api/v1/ledger/entries/{}/proof?size={}", older - 1, size));
        const Checkpoint checkpoint = opened(proof.text("/checkpoint"));
        EXPECT_EQ(checkpoint.size, static_cast<std::uint64_t>(size));
        EXPECT_EQ(to_hex(checkpoint.root), proof.text("/root"));
        const std::string leaf = raw(demo().get(fmt::format("/api/v1/ledger/entries/{}", older - 1)).text("/leafHash"));
        EXPECT_TRUE(
            verify_inclusion(static_cast<std::uint64_t>(older - 1), checkpoint.size, leaf, raw_proof(proof), as_view(checkpoint.root)));
        EXPECT_TRUE(proof.at("/nextCheckpoint").is_null());
        EXPECT_TRUE(proof.at("/hint").is_null());
    }
}

TEST(LedgerApi, says_where_the_next_checkpoint_is_when_none_of_the_size_is_stored) {
    const std::int64_t whole = record_parties("group", 3);
    record_parties("after", 1);
    for (const std::int64_t size : {whole - 2, whole - 1}) {  // inside the group
        const Answer proof = demo().get(fmt::format("/api/v1/ledger/entries/0/proof?size={}", size));
        EXPECT_TRUE(proof.at("/checkpoint").is_null());
        EXPECT_EQ(proof.number("/nextCheckpoint"), whole);
        EXPECT_EQ(
            proof.text("/hint"),
            fmt::format("no signed checkpoint of {0} entries is stored, and one of another size does not match this root; the next is of "
                        "{1}: ask for ?size={1}, or prove with /api/v1/ledger/consistency?old={0}&size={1} that it begins with these",
                        size, whole));
        const Answer step = demo().get(fmt::format("/api/v1/ledger/consistency?old={}&size={}", size, whole));
        const Checkpoint next = opened(demo().get(fmt::format("/api/v1/ledger/entries/0/proof?size={}", whole)).text("/checkpoint"));
        EXPECT_TRUE(
            verify_consistency(static_cast<std::uint64_t>(size), next.size, raw(proof.text("/root")), raw_proof(step), as_view(next.root)));
    }
}

TEST(LedgerApi, refuses_entries_and_sizes_that_there_are_not) {
    EXPECT_EQ(demo().get("/api/v1/ledger/entries/99999999").body,
              R"({"type":"/problems/not_found","title":"Not found","status":404,"detail":"there is no entry 99999999"})");
    EXPECT_EQ(demo().get("/api/v1/ledger/entries/18446744073709551615").status, 404);
    EXPECT_EQ(demo().get("/api/v1/ledger/entries/99999999/replay").status, 404);
    EXPECT_EQ(demo().get("/api/v1/ledger/entries/99999999/proof").status, 400);
    EXPECT_EQ(demo().get("/api/v1/ledger/entries/5/proof?size=5").text("/detail"), "entry 5 is not among the first 5");
    EXPECT_EQ(demo().get("/api/v1/ledger/entries/4/proof?size=5").status, 200);
    EXPECT_EQ(demo().get("/api/v1/ledger/entries/0/proof?size=99999999").status, 400);
    EXPECT_EQ(demo().get("/api/v1/ledger/consistency?old=0").text("/pointer"), "?old");
    EXPECT_EQ(demo().get("/api/v1/ledger/consistency?old=6&size=5").status, 400);
    for (const char* sequence : {"-1", "x", "1.0", "18446744073709551616"})
        for (const char* rest : {"", "/proof", "/replay"}) {
            const Answer answer = demo().get(fmt::format("/api/v1/ledger/entries/{}{}", sequence, rest));
            EXPECT_EQ(answer.status, 400) << sequence << rest;
            EXPECT_EQ(answer.text("/pointer"), "/sequence");
        }
}

/// The newest shipping event of the tea lot without an expiry date.
std::int64_t tea_shipped() {
    const Answer page = demo().get("/api/v1/items/TEA-07");
    for (std::size_t i = page.count("/history"); i-- > 0;)
        if (page.text(fmt::format("/history/{}/event/bizStep", i)) == "shipping")
            return page.number(fmt::format("/history/{}/sequence", i));
    ADD_FAILURE() << "TEA-07 was never shipped";
    return 0;
}

TEST(ReplayApi, keeps_the_finding_of_a_synced_event_with_its_facts) {
    const Answer entry = demo().get(fmt::format("/api/v1/ledger/entries/{}", tea_shipped()));
    EXPECT_EQ(entry.text("/entry/actor"), "erp:tryton");
    EXPECT_EQ(entry.text("/entry/source/query"), "moves");
    EXPECT_EQ(entry.text("/entry/verdict/outcome"), "accepted_with_findings");  // observed: kept, never refused
    EXPECT_EQ(entry.text("/entry/verdict/findings/0/rule"), "food.lot-with-expiry");
    const std::string judgement = "/entry/judgements/0";
    EXPECT_EQ(entry.text(judgement + "/plugin"), "org.stemma.compliance");
    EXPECT_LE(entry.number(judgement + "/position"), tea_shipped());
    std::set<std::string> facts;
    for (std::size_t i = 0; i < entry.count(judgement + "/facts"); ++i)
        facts.insert(entry.text(fmt::format("{}/facts/{}/name", judgement, i)));
    EXPECT_TRUE(facts.contains("item.product"));
    EXPECT_TRUE(facts.contains("item.dates"));
}

TEST(ReplayApi, comes_to_the_same_verdict_again) {
    const Answer replay = demo().get(fmt::format("/api/v1/ledger/entries/{}/replay", tea_shipped()));
    ASSERT_GE(replay.count("/judgements"), 1U);
    for (std::size_t i = 0; i < replay.count("/judgements"); ++i) {
        const std::string at = fmt::format("/judgements/{}", i);
        EXPECT_EQ(replay.at(at + "/pluginEqual"), true);
        EXPECT_EQ(replay.at(at + "/factsEqual"), true);
        EXPECT_EQ(replay.at(at + "/verdictEqual"), true);
        EXPECT_EQ(replay.text(at + "/note"), "");
        EXPECT_EQ(replay.at(at + "/now/verdict"), replay.at(at + "/stored/verdict"));
    }
}

TEST(ReplayApi, comes_to_all_verdicts_of_the_demo_again) {
    std::int64_t judgements = 0;
    std::int64_t next = 0;
    for (bool more = true; more;) {
        const Answer part = demo().get(fmt::format("/api/v1/ledger/replay?from={}", next));
        ASSERT_EQ(part.status, 200) << part.body;
        EXPECT_EQ(part.number("/differing"), 0) << part.body;
        EXPECT_EQ(part.number("/equal") + part.number("/notReplayed"), part.number("/judgements"));
        judgements += part.number("/judgements");
        more = !part.at("/next").is_null();
        if (more) next = part.number("/next");
    }
    EXPECT_GT(judgements, 0);
    EXPECT_EQ(demo().get("/api/v1/ledger/replay?from=0&to=100&facts=stored&by=now").number("/differing"), 0);
    demo().end_time(true);
    EXPECT_EQ(demo().get("/api/v1/ledger/replay").status, 503);
    demo().end_time(false);
    EXPECT_EQ(demo().get("/api/v1/ledger/replay?from=99999999").text("/pointer"), "?from");
    EXPECT_EQ(demo().get("/api/v1/ledger/replay?from=5&to=4").text("/pointer"), "?to");
    EXPECT_EQ(demo().get("/api/v1/ledger/replay?by=tomorrow").text("/pointer"), "?by");
    EXPECT_EQ(demo().get("/api/v1/ledger/replay?facts=none").text("/pointer"), "?facts");
}

TEST(ReplayApi, has_nothing_to_replay_where_nothing_was_judged) {
    EXPECT_EQ(demo().get("/api/v1/ledger/entries/0/replay").body, R"({"sequence":0,"judgements":[]})");
}

TEST(EmptyLedger, answers_without_entries) {
    StemmaUnderTest empty{false};
    // SHA-256 of nothing, RFC 6962 section 2.1
    EXPECT_EQ(empty.get("/api/v1/ledger").text("/root"), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(
        empty.get("/api/v1/ledger/checkpoint").body,
        R"({"type":"/problems/not_found","title":"Not found","status":404,"detail":"the ledger is empty: there is no checkpoint yet"})");
    EXPECT_EQ(empty.get("/api/v1/ledger/entries/0").status, 404);
    EXPECT_EQ(empty.get("/api/v1/ledger/entries/0/proof").status, 400);
    EXPECT_EQ(empty.get("/api/v1/ledger/consistency").status, 400);
    EXPECT_EQ(empty.get("/api/v1/items").body, R"({"items":[]})");
    EXPECT_EQ(empty.get("/api/v1/events").body, R"({"events":[]})");
    EXPECT_EQ(empty.get("/api/v1/erp/sources").body, R"({"sources":[]})");
    EXPECT_EQ(empty.get("/api/v1/erp/rejects").body, R"({"rejects":[]})");
    EXPECT_EQ(empty.get("/api/v1/items/x").status, 404);
    EXPECT_EQ(empty.get("/api/v1/status").number("/entries"), 0);
}

}  // namespace
}  // namespace stemma::http::test
