// The contract's second half: what is projected from the ledger.
#include <algorithm>
#include <limits>
#include <random>

#include "tests/contract/store_backends.hpp"

namespace stemma::test {
namespace {

using Kind = Subject::Kind;

class ReadModelContract : public StoreContract {
protected:
    [[nodiscard]] std::vector<std::string> found(const std::string& form, bool prefix, std::uint64_t limit = 100) const {
        std::vector<std::string> lines;
        for (const IdentifierRow& row : value(read()->find_identifiers(form, prefix, limit)))
            lines.push_back(row.item.str() + " " + row.identifier.scheme + "=" + row.identifier.value);
        return lines;
    }
};
STEMMA_ON_EVERY_STORE(ReadModelContract);

using Lines = std::vector<std::string>;
using Sequences = std::vector<Sequence>;

TEST_P(ReadModelContract, lists_the_entries_of_a_subject) {
    std::vector<ReadModelChange> changes;
    for (Sequence i = 0; i < 10; ++i) {
        changes.push_back({.sequence = i, .touched = {{Kind::place, "l:1"}}});
        if (i % 2 == 0) changes.back().touched.push_back({Kind::item, "i:1"});
    }
    apply(changes);
    auto snapshot = read();
    EXPECT_EQ(value(snapshot->subject_entries("i:1", 100, 100)), (Sequences{0, 2, 4, 6, 8}));
    EXPECT_EQ(value(snapshot->subject_entries("i:1", 6, 100)), (Sequences{0, 2, 4})) << "below, not at";
    EXPECT_EQ(value(snapshot->subject_entries("i:1", 7, 2)), (Sequences{4, 6})) << "the newest, ascending";
    EXPECT_EQ(value(snapshot->subject_entries("i:1", std::numeric_limits<Sequence>::max(), 1)), Sequences{8});
    EXPECT_EQ(value(snapshot->subject_entries("i:1", 0, 10)), Sequences{});
    EXPECT_EQ(value(snapshot->subject_entries("i:1", 100, 0)), Sequences{});
    EXPECT_EQ(value(snapshot->subject_entries("i:2", 100, 100)), Sequences{});
    EXPECT_EQ(value(snapshot->subject_entries_from("i:1", 0, 100)), (Sequences{0, 2, 4, 6, 8}));
    EXPECT_EQ(value(snapshot->subject_entries_from("i:1", 2, 6)), (Sequences{2, 4})) << "from itself on, below the end";
    EXPECT_EQ(value(snapshot->subject_entries_from("i:1", 3, 9)), (Sequences{4, 6, 8}));
    EXPECT_EQ(value(snapshot->subject_entries_from("i:1", 6, 6)), Sequences{});
    EXPECT_EQ(value(snapshot->subject_entries_from("i:1", 7, 6)), Sequences{});
    EXPECT_EQ(value(snapshot->subject_entries_from("i:2", 0, std::numeric_limits<Sequence>::max())), Sequences{});
    EXPECT_EQ(value(snapshot->subject_entries("l:1", 100, std::numeric_limits<std::uint64_t>::max())).size(), 10U);
}

/// "place: bytes", in order of place.
Lines masters_of(ReadSnapshot& snapshot, const std::vector<std::string>& ids) {
    std::vector<const std::string*> wanted;
    for (const std::string& id : ids) wanted.push_back(&id);
    std::vector<std::pair<std::size_t, std::string>> shown;
    const auto visited = snapshot.visit_masters(wanted, [&](std::size_t place, const EntryView& entry) {
        EXPECT_EQ(entry.bytes, value(snapshot.entries_at({entry.sequence})).front().bytes);
        EXPECT_EQ(entry.leaf_hash, value(snapshot.entries_at({entry.sequence})).front().leaf_hash);
        shown.emplace_back(place, entry.bytes);
    });
    EXPECT_TRUE(visited);
    std::ranges::sort(shown);
    Lines lines;
    for (const auto& [place, bytes] : shown) lines.push_back(std::to_string(place) + ": " + bytes);
    return lines;
}

TEST_P(ReadModelContract, shows_the_newest_master_records_of_many_subjects) {
    {
        auto work = begin();
        for (Sequence i = 0; i < 200; ++i) {
            ASSERT_TRUE(work->append(entry(i, "entry " + std::to_string(i))));
            const std::string id = "i:" + std::to_string(i % 100);  // each of 100 items twice
            ASSERT_TRUE(work->apply({.sequence = i, .touched = {{Kind::item, id}}, .master = Subject{Kind::item, id}}));
        }
        ASSERT_TRUE(work->append(entry(200, "an event")));
        ASSERT_TRUE(work->apply({.sequence = 200, .touched = {{Kind::item, "i:unknown"}, {Kind::item, "i:7"}}}));
        EXPECT_EQ(masters_of(*work, {"i:3", "i:unknown"}), Lines{"0: entry 103"}) << "the writer sees what it wrote";
        ASSERT_TRUE(work->commit());
    }
    auto snapshot = read();
    EXPECT_EQ(masters_of(*snapshot, {}), Lines{});
    EXPECT_EQ(masters_of(*snapshot, {"i:nobody"}), Lines{});
    EXPECT_EQ(masters_of(*snapshot, {"i:7"}), Lines{"0: entry 107"}) << "the newest master record, not the newest entry";
    EXPECT_EQ(masters_of(*snapshot, {"i:2", "i:nobody", "i:1", "i:2", "i:unknown"}),
              (Lines{"0: entry 102", "2: entry 101", "3: entry 102"}));
    for (const std::size_t count : {2U, 7U, 8U, 9U, 15U, 16U, 17U, 24U, 25U, 31U, 32U, 33U, 40U, 41U, 64U, 65U, 100U}) {
        std::vector<std::string> ids;
        Lines expected;
        for (std::size_t i = 0; i < count; ++i) {
            ids.push_back(i % 5 == 4 ? "i:nobody" : "i:" + std::to_string(99 - i));
            if (i % 5 != 4) expected.push_back(std::to_string(i) + ": entry " + std::to_string(199 - i));
        }
        EXPECT_EQ(masters_of(*snapshot, ids), expected) << count;
    }
}

TEST_P(ReadModelContract, keeps_large_sequences) {
    constexpr Sequence kBeyondDouble = (Sequence{1} << 53) + 1;
    constexpr Sequence kLargest = static_cast<Sequence>(std::numeric_limits<std::int64_t>::max());
    apply({{.sequence = kBeyondDouble, .touched = {{Kind::item, "i:1"}}, .event = EventId{"e:1"}},
           {.sequence = kLargest - 1, .touched = {{Kind::item, "i:1"}}, .voids = EventId{"e:1"}}});
    EXPECT_EQ(value(read()->subject_entries("i:1", kLargest, 10)), (Sequences{kBeyondDouble, kLargest - 1}));
    EXPECT_EQ(value(read()->subject_entries_from("i:1", kBeyondDouble + 1, kLargest)), Sequences{kLargest - 1});
    const auto event = value(read()->event(EventId{"e:1"}));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->sequence, kBeyondDouble);
    EXPECT_EQ(event->voided_by, kLargest - 1);
}

TEST_P(ReadModelContract, names_the_newest_master_record) {
    apply({{.sequence = 4, .touched = {{Kind::item, "x:1"}}}});
    auto row = value(read()->subject("x:1"));
    ASSERT_TRUE(row);
    EXPECT_EQ(row->kind, Kind::item);
    EXPECT_EQ(row->id, "x:1");
    EXPECT_FALSE(row->master);
    // Untracked goods: an event names the product where an item stands; its master record says what it is.
    apply({{.sequence = 5, .touched = {{Kind::product, "x:1"}}, .master = Subject{Kind::product, "x:1"}},
           {.sequence = 8, .touched = {{Kind::product, "x:1"}}, .master = Subject{Kind::product, "x:1"}},
           {.sequence = 9, .touched = {{Kind::item, "x:1"}}}});
    row = value(read()->subject("x:1"));
    EXPECT_EQ(row->kind, Kind::product);
    EXPECT_EQ(row->master, 8U);
    EXPECT_EQ(value(read()->subject_entries("x:1", 100, 100)), (Sequences{4, 5, 8, 9}));
    EXPECT_FALSE(value(read()->subject("x:2")));
}

TEST_P(ReadModelContract, lists_subjects_of_a_kind_in_order_of_appearance) {
    apply({{.sequence = 0, .touched = {{Kind::item, "i:9"}, {Kind::place, "l:1"}}},
           {.sequence = 1, .touched = {{Kind::item, "i:5"}, {Kind::item, "i:9"}}},
           {.sequence = 2, .touched = {{Kind::item, "i:7"}}}});
    const auto ids = [&](Kind kind, std::uint64_t after, std::uint64_t limit) {
        Lines lines;
        for (const SubjectRow& row : value(read()->subjects(kind, after, limit))) lines.push_back(row.id);
        return lines;
    };
    EXPECT_EQ(ids(Kind::item, 0, 10), (Lines{"i:9", "i:5", "i:7"}));
    EXPECT_EQ(ids(Kind::item, 1, 1), Lines{"i:5"});
    EXPECT_EQ(ids(Kind::item, 3, 10), Lines{});
    EXPECT_EQ(ids(Kind::place, 0, 10), Lines{"l:1"});
    EXPECT_EQ(ids(Kind::party, 0, 10), Lines{});
}

TEST_P(ReadModelContract, replaces_an_items_identifiers) {
    apply({{.sequence = 0, .identifiers_of = ItemId{"i:1"}, .identifiers = {{{"serial", "SN-1"}, "SN1"}, {{"imei", "35-2"}, "352"}}},
           {.sequence = 1, .identifiers_of = ItemId{"i:2"}, .identifiers = {{{"lot", "sn 1"}, "SN1"}}}});
    EXPECT_EQ(found("SN1", false), (Lines{"i:1 serial=SN-1", "i:2 lot=sn 1"}));
    EXPECT_EQ(found("352", false), Lines{"i:1 imei=35-2"});
    apply({{.sequence = 2, .identifiers_of = ItemId{"i:1"}, .identifiers = {{{"serial", "SN-3"}, "SN3"}}}});
    EXPECT_EQ(found("SN1", false), Lines{"i:2 lot=sn 1"});
    EXPECT_EQ(found("352", false), Lines{});
    EXPECT_EQ(found("SN3", false), Lines{"i:1 serial=SN-3"});
    apply({{.sequence = 3, .identifiers_of = ItemId{"i:1"}}});
    EXPECT_EQ(found("SN", true), Lines{"i:2 lot=sn 1"});
}

TEST_P(ReadModelContract, finds_identifiers_by_prefix_up_to_a_limit) {
    std::vector<ReadModelChange> changes;
    const Lines forms{"AB", "AB1", "ABZ", "AC", "A", "ab", "AB\xC3\xBC", "AB\xF4\x8F\xBF\xBF", "AB%", "AB_"};
    for (std::size_t i = 0; i < forms.size(); ++i)
        changes.push_back(
            {.sequence = i, .identifiers_of = ItemId{"i:" + std::to_string(i)}, .identifiers = {{{"s", forms[i]}, forms[i]}}});
    apply(changes);
    const auto values = [&](const std::string& form, bool prefix, std::uint64_t limit) {
        Lines lines;
        for (const IdentifierRow& row : value(read()->find_identifiers(form, prefix, limit))) lines.push_back(row.identifier.value);
        return lines;
    };
    const Lines sorted{"AB", "AB%", "AB1", "ABZ", "AB_", "AB\xC3\xBC", "AB\xF4\x8F\xBF\xBF"};
    EXPECT_EQ(values("AB", true, 100), sorted);
    EXPECT_EQ(values("AB", true, 7), sorted);
    EXPECT_EQ(values("AB", true, 6), Lines(sorted.begin(), sorted.end() - 1));
    EXPECT_EQ(values("AB", true, 0), Lines{});
    EXPECT_EQ(values("AB%", true, 100), Lines{"AB%"}) << "no pattern character";
    EXPECT_EQ(values("AB", false, 100), Lines{"AB"});
    EXPECT_EQ(values("", true, 100).size(), forms.size());
    EXPECT_EQ(values("AD", true, 100), Lines{});
}

TEST_P(ReadModelContract, remembers_events_and_what_voids_them) {
    apply({{.sequence = 3, .event = EventId{"e:1"}}, {.sequence = 4, .event = EventId{"e:2"}}});
    ASSERT_TRUE(value(read()->event(EventId{"e:1"})));
    EXPECT_EQ(value(read()->event(EventId{"e:1"}))->sequence, 3U);
    EXPECT_FALSE(value(read()->event(EventId{"e:1"}))->voided_by);
    apply({{.sequence = 7, .voids = EventId{"e:1"}},
           {.sequence = 8, .voids = EventId{"e:1"}},
           {.sequence = 9, .voids = EventId{"e:unknown"}}});
    EXPECT_EQ(value(read()->event(EventId{"e:1"}))->voided_by, 7U) << "the first declaration counts";
    EXPECT_FALSE(value(read()->event(EventId{"e:2"}))->voided_by);
    EXPECT_FALSE(value(read()->event(EventId{"e:unknown"})));
}

TEST_P(ReadModelContract, refuses_an_event_id_that_exists) {
    apply({{.sequence = 3, .event = EventId{"e:1"}}});
    const auto refused = begin()->apply({.sequence = 4, .event = EventId{"e:1"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
}

TEST_P(ReadModelContract, remembers_the_newest_state_of_a_source_row) {
    const auto change = [](Sequence sequence, const char* key, const char* digest, const char* event, std::uint32_t version) {
        return ReadModelChange{.sequence = sequence,
                               .source = SourceRowState{{"erp", "moves", key, digest}, sequence, EventId{event}, version}};
    };
    apply({change(0, "1", "d0", "e:1", 1), change(1, "1", "d1", "e:1b", 2), change(2, "2", "d2", "", 1)});
    auto snapshot = read();
    const auto row = value(snapshot->source_row("erp", "moves", "1"));
    ASSERT_TRUE(row);
    EXPECT_EQ(row->row, (SourceRow{"erp", "moves", "1", "d1"}));
    EXPECT_EQ(row->sequence, 1U);
    EXPECT_EQ(row->event, EventId{"e:1b"});
    EXPECT_EQ(row->version, 2U);
    EXPECT_TRUE(value(snapshot->source_row("erp", "moves", "2"))->event.empty());
    EXPECT_FALSE(value(snapshot->source_row("erp", "lots", "1")));
    EXPECT_FALSE(value(snapshot->source_row("other", "moves", "1")));
}

TEST_P(ReadModelContract, pages_through_the_keys_that_have_not_vanished) {
    std::vector<ReadModelChange> changes;
    for (const char* key : {"1", "10", "2", "3", "a"})
        changes.push_back({.sequence = changes.size(), .source = SourceRowState{{"erp", "moves", key, "d"}, changes.size(), EventId{}, 1}});
    changes.push_back({.sequence = 5, .source = SourceRowState{{"erp", "lots", "4", "d"}, 5, EventId{}, 1}});
    changes.push_back({.sequence = 6, .source = SourceRowState{{"erp", "moves", "2", ""}, 6, EventId{}, 2}});
    apply(changes);
    const auto keys = [&](const std::string& after, std::uint64_t limit) {
        return value(read()->source_keys("erp", "moves", after, limit));
    };
    EXPECT_EQ(keys("", 100), (Lines{"1", "10", "3", "a"}));
    EXPECT_EQ(keys("", 2), (Lines{"1", "10"}));
    EXPECT_EQ(keys("10", 2), (Lines{"3", "a"}));
    EXPECT_EQ(keys("a", 2), Lines{});
    apply({{.sequence = 7, .source = SourceRowState{{"erp", "moves", "2", "back"}, 7, EventId{}, 3}}});
    EXPECT_EQ(keys("10", 1), Lines{"2"});
}

TEST_P(ReadModelContract, counts_the_entries_of_a_command) {
    apply({{.sequence = 4, .command = {{"key-1", "digest"}}}, {.sequence = 5, .command = {{"key-1", "digest"}}}});
    const auto command = value(read()->command("key-1"));
    ASSERT_TRUE(command);
    EXPECT_EQ(command->digest, "digest");
    EXPECT_EQ(command->first, 4U);
    EXPECT_EQ(command->count, 2U);
    EXPECT_FALSE(value(read()->command("key-2")));
    const auto refused = begin()->apply({.sequence = 6, .command = {{"key-1", "other"}}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
}

TEST_P(ReadModelContract, keeps_cases_as_they_stand) {
    const CaseState opened{CaseId{"rma-1"}, "rma", 1, "opened", ItemId{"i:1"}, {{"reason", "it's \"dead\""}, {"empty", ""}}};
    CaseState received = opened;
    received.version = 2;
    received.state = "received";
    received.fields = {{"reason", "dead"}};
    const CaseState claim{CaseId{"claim-1"}, "claim", 9007199254740993, "open", ItemId{"i:2"}, {}};
    apply({{.sequence = 1, .case_state = opened}, {.sequence = 2, .case_state = claim}});
    EXPECT_EQ(value(read()->case_state(CaseId{"rma-1"})), opened);
    EXPECT_EQ(value(read()->cases("", 10)), (std::vector<CaseState>{claim, opened}));
    apply({{.sequence = 3, .case_state = received}});
    EXPECT_EQ(value(read()->case_state(CaseId{"rma-1"})), received);
    EXPECT_EQ(value(read()->cases("", 10)), (std::vector<CaseState>{received, claim}));
    EXPECT_EQ(value(read()->cases("", 1)), std::vector<CaseState>{received});
    EXPECT_EQ(value(read()->cases("claim", 10)), std::vector<CaseState>{claim});
    EXPECT_TRUE(value(read()->cases("none", 10)).empty());
    EXPECT_FALSE(value(read()->case_state(CaseId{"rma-2"})));
}

/// Every kind of row, several times over.
std::vector<ReadModelChange> varied_changes() {
    std::vector<ReadModelChange> changes;
    std::mt19937 random{7};
    for (Sequence i = 0; i < 200; ++i) {
        const std::string number = std::to_string(random() % 20);
        ReadModelChange change{.sequence = i, .touched = {{Kind::item, "i:" + number}, {Kind::place, "l:" + std::to_string(random() % 5)}}};
        if (i % 3 == 0) change.master = change.touched[0];
        if (i % 4 == 0) {
            change.identifiers_of = ItemId{"i:" + number};
            for (auto n = random() % 3; n > 0; --n) change.identifiers.push_back({{"serial", "s" + std::to_string(n)}, "S"});
        }
        change.event = EventId{"e:" + std::to_string(i)};
        if (i % 10 == 9) change.voids = EventId{"e:" + std::to_string(i / 2)};
        change.source = SourceRowState{{"erp", "moves", number, i % 7 == 0 ? "" : "d" + std::to_string(i)}, i, *change.event, 1};
        if (i % 5 == 0) change.command = {"key-" + number, "digest"};
        if (i % 6 == 0) change.case_state = CaseState{CaseId{"c:" + number}, "rma", i, "open", ItemId{"i:1"}, {{"n", number}}};
        changes.push_back(std::move(change));
    }
    return changes;
}

TEST_P(ReadModelContract, rebuilds_to_the_same_digest) {
    const Digest empty = value(read()->read_model_digest());
    apply(varied_changes());
    const Digest before = value(read()->read_model_digest());
    EXPECT_NE(before, empty);
    {
        auto work = begin();
        ASSERT_TRUE(work->put_person({PartyId{"p:1"}, "Ann", "", ""}));
        ASSERT_TRUE(work->put_source_state({"erp", "moves", "cursor", "", {5}, 6}));
        ASSERT_TRUE(work->drop_read_models());
        EXPECT_EQ(value(work->read_model_digest()), empty);
        ASSERT_TRUE(work->commit());
    }
    EXPECT_FALSE(value(read()->subject("i:1")));
    EXPECT_FALSE(value(read()->command("key-1")));
    EXPECT_TRUE(value(read()->cases("", 10)).empty());
    EXPECT_TRUE(value(read()->person(PartyId{"p:1"}))) << "no read model";
    EXPECT_EQ(value(read()->source_states()).size(), 1U);
    apply(varied_changes());
    EXPECT_EQ(value(read()->read_model_digest()), before);
}

TEST_P(ReadModelContract, has_a_digest_that_does_not_depend_on_internal_numbers) {
    // The same rows, whose subjects appear in another order.
    const ReadModelChange a{
        .sequence = 0, .touched = {{Kind::item, "i:a"}}, .identifiers_of = ItemId{"i:a"}, .identifiers = {{{"s", "1"}, "1"}}};
    const ReadModelChange b{.sequence = 1, .touched = {{Kind::item, "i:b"}}, .event = EventId{"e:b"}};
    apply({a, b});
    const Digest forward = value(read()->read_model_digest());
    {
        auto work = begin();
        ASSERT_TRUE(work->drop_read_models() && work->apply(b) && work->apply(a) && work->commit());
    }
    EXPECT_EQ(value(read()->read_model_digest()), forward);
}

TEST_P(ReadModelContract, has_a_digest_that_shows_every_kind_of_change) {
    std::vector<Digest> digests{value(read()->read_model_digest())};
    const std::vector<ReadModelChange> steps{
        {.sequence = 0, .touched = {{Kind::item, "i:1"}}},
        {.sequence = 1, .touched = {{Kind::item, "i:1"}}},
        {.sequence = 2, .master = Subject{Kind::item, "i:1"}},
        {.sequence = 3, .master = Subject{Kind::item, "i:1"}},
        {.sequence = 4, .identifiers_of = ItemId{"i:1"}, .identifiers = {{{"s", "ab"}, "c"}}},
        {.sequence = 4, .identifiers_of = ItemId{"i:1"}, .identifiers = {{{"s", "a"}, "bc"}}},
        {.sequence = 5, .event = EventId{"e:1"}},
        {.sequence = 6, .voids = EventId{"e:1"}},
        {.sequence = 7, .source = SourceRowState{{"erp", "q", "1", "d"}, 7, EventId{}, 1}},
        {.sequence = 7, .source = SourceRowState{{"erp", "q", "1", ""}, 7, EventId{}, 1}},
        {.sequence = 8, .command = {{"k", "d"}}},
        {.sequence = 9, .command = {{"k", "d"}}},
        {.sequence = 10, .case_state = CaseState{CaseId{"c"}, "rma", 1, "open", ItemId{"i:1"}, {}}},
        {.sequence = 10, .case_state = CaseState{CaseId{"c"}, "rma", 1, "open", ItemId{"i:1"}, {{"a", "b"}}}},
    };
    for (const ReadModelChange& step : steps) {
        apply({step});
        const Digest digest = value(read()->read_model_digest());
        EXPECT_EQ(std::ranges::find(digests, digest), digests.end()) << "sequence " << step.sequence;
        digests.push_back(digest);
    }
}

}  // namespace
}  // namespace stemma::test
