// The contract's first half: entries, checkpoints, transactions and snapshots.
#include <limits>
#include <thread>

#include "tests/contract/store_backends.hpp"

namespace stemma::test {
namespace {

class LedgerContract : public StoreContract {};
STEMMA_ON_EVERY_STORE(LedgerContract);

TEST_P(LedgerContract, begins_empty) {
    auto snapshot = read();
    EXPECT_EQ(value(snapshot->size()), 0U);
    EXPECT_TRUE(value(snapshot->entries(0, 10)).empty());
    EXPECT_EQ(value(snapshot->latest_checkpoint()).has_value(), false);
    EXPECT_TRUE(value(store->check_integrity()).empty());
    EXPECT_FALSE(value(store->describe()).empty());
}

TEST_P(LedgerContract, appends_densely_and_no_other_way) {
    auto work = begin();
    ASSERT_TRUE(work->append(entry(0)));
    ASSERT_TRUE(work->append(entry(1)));
    ASSERT_TRUE(work->commit());
    work.reset();
    for (const Sequence wrong : {Sequence{0}, Sequence{1}, Sequence{3}}) {
        const auto refused = begin()->append(entry(wrong));
        ASSERT_FALSE(refused) << wrong;
        EXPECT_EQ(refused.error().code, Errc::conflict);
    }
    auto next = begin();
    EXPECT_EQ(value(next->size()), 2U);
    EXPECT_TRUE(next->append(entry(2)));
}

TEST_P(LedgerContract, keeps_the_bytes_exactly) {
    const std::vector<std::string> texts{"",
                                         "it's \"quoted\" -- ; :name \\ $1 ?",
                                         "line\r\nline\ttab",
                                         "\xC3\xBC \xE6\xB0\xB4 \xF0\x9F\x90\x9F \xE2\x80\xA8",
                                         std::string("nul\0inside", 10),
                                         "{\"n\":9007199254740993,\"z\":1.0}",
                                         std::string(std::size_t{1} << 20, '\xC2')};
    auto work = begin();
    for (std::size_t i = 0; i < texts.size(); ++i) ASSERT_TRUE(work->append(entry(i, texts[i])));
    ASSERT_TRUE(work->commit());
    const auto stored = value(read()->entries(0, 100));
    ASSERT_EQ(stored.size(), texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        EXPECT_EQ(stored[i].sequence, i);
        EXPECT_TRUE(stored[i].bytes == texts[i]) << i;
        EXPECT_EQ(stored[i].leaf_hash, "leaf-" + std::to_string(i));
        EXPECT_EQ(stored[i].chain_hash, "chain-" + std::to_string(i));
    }
}

TEST_P(LedgerContract, reads_ranges) {
    auto work = begin();
    for (Sequence i = 0; i < 5; ++i) ASSERT_TRUE(work->append(entry(i, std::to_string(i))));
    const auto range = [&](Sequence first, std::uint64_t count) {
        std::string text;
        for (const StoredEntry& found : value(work->entries(first, count))) text += found.bytes;
        return text;
    };
    EXPECT_EQ(range(0, 5), "01234");
    EXPECT_EQ(range(1, 3), "123");
    EXPECT_EQ(range(3, 100), "34");
    EXPECT_EQ(range(3, std::numeric_limits<std::uint64_t>::max()), "34");
    EXPECT_EQ(range(2, 0), "");
    EXPECT_EQ(range(5, 1), "");
    EXPECT_EQ(range(std::numeric_limits<std::uint64_t>::max(), 1), "");
    EXPECT_EQ(value(work->leaf_hashes(3, 5)), (std::vector<std::string>{"leaf-3", "leaf-4"}));
}

TEST_P(LedgerContract, reads_single_entries_in_the_order_asked) {
    auto work = begin();
    for (Sequence i = 0; i < 4; ++i) ASSERT_TRUE(work->append(entry(i, std::to_string(i))));
    std::string text;
    for (const StoredEntry& found : value(work->entries_at({3, 0, 3}))) text += found.bytes;
    EXPECT_EQ(text, "303");
    EXPECT_TRUE(value(work->entries_at({})).empty());
    const auto missing = work->entries_at({1, 4});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Errc::not_found);
}

TEST_P(LedgerContract, keeps_checkpoints_by_size) {
    auto work = begin();
    for (const std::uint64_t size : {std::uint64_t{7}, std::uint64_t{3}, std::uint64_t{12}})
        ASSERT_TRUE(work->put_checkpoint({size, "note " + std::to_string(size) + "\n\xE2\x80\x94 key\n"}));
    ASSERT_TRUE(work->put_checkpoint({7, "again"}));
    ASSERT_TRUE(work->commit());
    auto snapshot = read();
    EXPECT_EQ(value(snapshot->latest_checkpoint())->note, "note 12\n\xE2\x80\x94 key\n");
    const auto sizes = [&](std::uint64_t from, std::uint64_t count) {
        std::vector<std::uint64_t> found;
        for (const StoredCheckpoint& checkpoint : value(snapshot->checkpoints(from, count))) found.push_back(checkpoint.size);
        return found;
    };
    EXPECT_EQ(sizes(0, 10), (std::vector<std::uint64_t>{3, 7, 12}));
    EXPECT_EQ(sizes(4, 1), std::vector<std::uint64_t>{7});
    EXPECT_EQ(sizes(12, 5), std::vector<std::uint64_t>{12});
    EXPECT_EQ(sizes(13, 5), std::vector<std::uint64_t>{});
    EXPECT_EQ(value(snapshot->checkpoints(7, 1)).at(0).note, "again");
}

TEST_P(LedgerContract, leaves_nothing_of_a_unit_that_was_not_committed) {
    {
        auto work = begin();
        ASSERT_TRUE(work->append(entry(0)));
        ASSERT_TRUE(work->put_checkpoint({1, "note"}));
        ASSERT_TRUE(work->put_person({PartyId{"p:1"}, "Ann", "ann@example.org", "00"}));
        ASSERT_TRUE(work->put_source_state({"erp", "moves", "c", "", {1}, 1}));
        ASSERT_TRUE(work->put_reject({"erp", "moves", "1", "move", "bad", {1}}));
        ASSERT_TRUE(work->apply({.touched = {{Subject::Kind::item, "i:1"}}, .event = EventId{"e:1"}, .command = {{"key", "digest"}}}));
        EXPECT_EQ(value(work->size()), 1U) << "reads see its own writes";
        EXPECT_TRUE(value(work->subject("i:1")));
    }
    auto snapshot = read();
    EXPECT_EQ(value(snapshot->size()), 0U);
    EXPECT_FALSE(value(snapshot->latest_checkpoint()));
    EXPECT_FALSE(value(snapshot->person(PartyId{"p:1"})));
    EXPECT_TRUE(value(snapshot->source_states()).empty());
    EXPECT_TRUE(value(snapshot->rejects("", 10)).empty());
    EXPECT_FALSE(value(snapshot->subject("i:1")));
    EXPECT_FALSE(value(snapshot->event(EventId{"e:1"})));
    EXPECT_FALSE(value(snapshot->command("key")));
    // What the lost unit numbered is numbered anew.
    apply({{.touched = {{Subject::Kind::place, "l:1"}}}, {.touched = {{Subject::Kind::item, "i:1"}}}});
    EXPECT_EQ(value(read()->subject_entries("i:1", 10, 10)), std::vector<Sequence>{0});
    EXPECT_EQ(value(read()->subject_entries("l:1", 10, 10)), std::vector<Sequence>{0});
}

TEST_P(LedgerContract, commits_nothing_after_a_failed_change) {
    auto work = begin();
    ASSERT_TRUE(work->append(entry(0)));
    EXPECT_FALSE(work->append(entry(9)));
    EXPECT_FALSE(work->append(entry(1)));
    EXPECT_FALSE(work->commit());
    work.reset();
    EXPECT_EQ(value(read()->size()), 0U);
}

TEST_P(LedgerContract, takes_back_one_part_of_a_unit_and_no_other) {
    auto work = begin();
    ASSERT_TRUE(work->append(entry(0)) && work->put_person({PartyId{"p:1"}, "Ada", "", "aa"}));
    ASSERT_TRUE(work->begin_part());
    ASSERT_TRUE(work->append(entry(1)) && work->apply({.sequence = 1, .event = EventId{"e:gone"}}));
    ASSERT_TRUE(work->redact_person(PartyId{"p:1"}));
    ASSERT_TRUE(work->undo_part());
    EXPECT_EQ(value(work->size()), 1U);
    EXPECT_FALSE(value(work->event(EventId{"e:gone"})));
    EXPECT_TRUE(value(work->person(PartyId{"p:1"})));
    ASSERT_TRUE(work->append(entry(1, "second")) && work->apply({.sequence = 1, .event = EventId{"e:stays"}}));
    ASSERT_TRUE(work->begin_part());
    ASSERT_TRUE(work->append(entry(2)));
    ASSERT_TRUE(work->commit());
    work.reset();
    const auto snapshot = read();
    const auto rows = value(snapshot->entries(0, 10));
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[1].bytes, "second");
    EXPECT_TRUE(value(snapshot->event(EventId{"e:stays"})));
    EXPECT_FALSE(value(snapshot->event(EventId{"e:gone"})));
}

TEST_P(LedgerContract, takes_back_the_first_part_as_any_other) {
    auto work = begin();
    ASSERT_TRUE(work->begin_part());
    ASSERT_TRUE(work->append(entry(0)) && work->apply({.sequence = 0, .touched = {{Subject::Kind::item, "i:1"}}}));
    ASSERT_TRUE(work->undo_part());
    EXPECT_EQ(value(work->size()), 0U);
    EXPECT_FALSE(value(work->subject("i:1")));
    ASSERT_TRUE(work->undo_part()) << "an empty part";
    ASSERT_TRUE(work->append(entry(0, "again")) && work->apply({.sequence = 0, .touched = {{Subject::Kind::item, "i:1"}}}));
    ASSERT_TRUE(work->commit());
    EXPECT_EQ(value(read()->entries(0, 10)).at(0).bytes, "again");
    EXPECT_EQ(value(read()->subject_entries("i:1", 10, 10)), std::vector<Sequence>{0});
}

TEST_P(LedgerContract, goes_on_after_a_failed_change_was_taken_back) {
    auto work = begin();
    ASSERT_TRUE(work->append(entry(0)));
    ASSERT_TRUE(work->begin_part());
    ASSERT_TRUE(work->append(entry(1)));
    ASSERT_FALSE(work->append(entry(7)));
    ASSERT_FALSE(work->append(entry(2))) << "half of a part is never committed";
    ASSERT_FALSE(work->begin_part()) << "nor hidden by the next one";
    ASSERT_TRUE(work->undo_part());
    ASSERT_TRUE(work->begin_part() && work->append(entry(1)));
    ASSERT_TRUE(work->commit());
    EXPECT_FALSE(work->undo_part()) << "what is committed stays";
    work.reset();
    EXPECT_EQ(value(read()->size()), 2U);
}

TEST_P(LedgerContract, gives_an_id_that_was_taken_back_anew) {
    auto work = begin();
    ASSERT_TRUE(work->apply({.sequence = 0, .touched = {{Subject::Kind::item, "i:1"}}}));
    ASSERT_TRUE(work->begin_part() && work->apply({.sequence = 1, .touched = {{Subject::Kind::item, "i:gone"}}}));
    ASSERT_TRUE(work->undo_part());
    ASSERT_TRUE(work->apply({.sequence = 1, .touched = {{Subject::Kind::item, "i:2"}}}));
    ASSERT_TRUE(work->begin_part() && work->apply({.sequence = 2, .touched = {{Subject::Kind::item, "i:gone"}}}));
    ASSERT_TRUE(work->commit());
    EXPECT_EQ(value(read()->subject_entries("i:2", 10, 10)), std::vector<Sequence>{1});
    EXPECT_EQ(value(read()->subject_entries("i:gone", 10, 10)), std::vector<Sequence>{2});
}

TEST_P(LedgerContract, shows_a_unit_the_entries_of_subjects_that_it_added_itself) {
    using Sequences = std::vector<Sequence>;
    constexpr Sequence kEnd = 100;
    auto work = begin();
    // Backwards and twice: the order of adding is not the order of the answer.
    for (const Sequence sequence : {7U, 3U, 5U})
        ASSERT_TRUE(work->apply({.sequence = sequence, .touched = {{Subject::Kind::item, "i:1"}, {Subject::Kind::item, "i:1"}}}));
    EXPECT_EQ(value(work->subject_entries("i:1", kEnd, 10)), (Sequences{3, 5, 7}));
    ASSERT_TRUE(work->apply({.sequence = 4, .touched = {{Subject::Kind::item, "i:1"}, {Subject::Kind::place, "l:1"}}}));
    EXPECT_EQ(value(work->subject_entries_from("i:1", 4, kEnd)), (Sequences{4, 5, 7}));
    ASSERT_TRUE(work->begin_part());
    EXPECT_EQ(value(work->subject_entries("l:1", kEnd, 10)), Sequences{4}) << "of an earlier part";
    const Digest before = value(work->read_model_digest());
    ASSERT_TRUE(work->apply({.sequence = 8, .touched = {{Subject::Kind::item, "i:1"}}}));
    EXPECT_NE(value(work->read_model_digest()), before);
    EXPECT_EQ(value(read()->subject_entries("i:1", kEnd, 10)), Sequences{}) << "nobody else sees them yet";
    ASSERT_TRUE(work->commit());
    EXPECT_EQ(value(read()->subject_entries("i:1", kEnd, 10)), (Sequences{3, 4, 5, 7, 8}));
}

TEST_P(LedgerContract, takes_back_the_entries_of_subjects_with_their_part_and_no_others) {
    using Sequences = std::vector<Sequence>;
    constexpr Sequence kEnd = 100;
    const auto touches = [](Sequence sequence) { return ReadModelChange{.sequence = sequence, .touched = {{Subject::Kind::item, "i:1"}}}; };
    auto work = begin();
    ASSERT_TRUE(work->apply(touches(0)));
    ASSERT_TRUE(work->begin_part() && work->apply(touches(1)));
    ASSERT_TRUE(work->begin_part() && work->apply(touches(2)));
    EXPECT_EQ(value(work->subject_entries("i:1", kEnd, 10)), (Sequences{0, 1, 2})) << "a look in the middle of a part";
    ASSERT_TRUE(work->apply(touches(3)) && work->undo_part());
    ASSERT_TRUE(work->begin_part() && work->apply(touches(4)) && work->undo_part()) << "no look in this one";
    ASSERT_TRUE(work->begin_part() && work->drop_read_models() && work->apply(touches(5)) && work->undo_part());
    EXPECT_EQ(value(work->subject_entries("i:1", kEnd, 10)), (Sequences{0, 1}));
    ASSERT_TRUE(work->apply(touches(6)) && work->undo_part()) << "the look was before the first write of the part";
    ASSERT_TRUE(work->begin_part() && work->apply(touches(7)));
    ASSERT_TRUE(work->commit());
    EXPECT_EQ(value(read()->subject_entries("i:1", kEnd, 10)), (Sequences{0, 1, 7}));
}

TEST_P(LedgerContract, takes_back_more_entries_of_subjects_than_are_kept_in_memory) {
    constexpr Sequence kMany = (1U << 17U) + 1;  // SQLite's writer keeps 2^17 at most
    const auto name = [](const char* form, Sequence from, Sequence end) {
        std::vector<Subject> subjects;
        for (Sequence i = from; i < end; ++i) subjects.push_back({Subject::Kind::item, form + std::to_string(i % 1000)});
        return subjects;
    };
    auto work = begin();
    for (Sequence i = 0; i < kMany; i += 1000) ASSERT_TRUE(work->apply({.sequence = i, .touched = name("i:", i, i + 1000)}));
    ASSERT_TRUE(work->begin_part());
    for (Sequence i = 0; i < kMany; i += 1000) ASSERT_TRUE(work->apply({.sequence = i + 1, .touched = name("i:", i, i + 1000)}));
    ASSERT_TRUE(work->undo_part());
    ASSERT_TRUE(work->commit());
    std::vector<Sequence> stays;
    for (Sequence i = 0; i < kMany; i += 1000) stays.push_back(i);
    for (const char* id : {"i:0", "i:1", "i:999"}) EXPECT_EQ(value(read()->subject_entries(id, kMany * 2, kMany)), stays) << id;
}

TEST_P(LedgerContract, writes_nothing_after_the_commit) {
    auto work = begin();
    ASSERT_TRUE(work->append(entry(0)));
    ASSERT_TRUE(work->commit());
    EXPECT_FALSE(work->append(entry(1)));
    EXPECT_FALSE(work->put_checkpoint({1, "note"}));
    EXPECT_FALSE(work->commit());
    work.reset();
    EXPECT_EQ(value(read()->size()), 1U);
    EXPECT_FALSE(value(read()->latest_checkpoint()));
}

TEST_P(LedgerContract, shows_a_snapshot_as_it_was) {
    auto before = read();
    {
        auto work = begin();
        ASSERT_TRUE(work->append(entry(0)));
        ASSERT_TRUE(work->put_person({PartyId{"p:1"}, "Ann", "", "00"}));
        EXPECT_EQ(value(read()->size()), 0U) << "not committed yet";
        ASSERT_TRUE(work->commit());
    }
    EXPECT_EQ(value(before->size()), 0U);
    EXPECT_FALSE(value(before->person(PartyId{"p:1"})));
    EXPECT_EQ(value(read()->size()), 1U);
}

TEST_P(LedgerContract, tells_a_second_writer_that_it_is_not_its_turn) {
    reopen(std::chrono::milliseconds{30});
    auto first = begin();
    const auto second = store->begin();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::unavailable);
    EXPECT_EQ(value(read()->size()), 0U) << "readers are not held up";
    first.reset();
    EXPECT_TRUE(store->begin());
}

TEST_P(LedgerContract, lets_a_second_writer_wait_for_the_first) {
    auto first = begin();
    std::thread second{[&] {
        auto work = begin();
        EXPECT_EQ(value(work->size()), 1U);
        EXPECT_TRUE(work->append(entry(1)) && work->commit());
    }};
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    ASSERT_TRUE(first->append(entry(0)) && first->commit());
    first.reset();
    second.join();
    EXPECT_EQ(value(read()->size()), 2U);
}

TEST_P(LedgerContract, lets_many_threads_read_while_one_writes) {
    constexpr Sequence kEntries = 50;
    std::vector<std::thread> readers;
    for (int i = 0; i < 4; ++i) {
        readers.emplace_back([&] {
            for (Sequence seen = 0; seen < kEntries;) {
                auto snapshot = read();
                const Sequence size = value(snapshot->size());
                EXPECT_GE(size, seen);
                EXPECT_EQ(value(snapshot->leaf_hashes(0, kEntries)).size(), size);
                seen = size;
            }
        });
    }
    for (Sequence i = 0; i < kEntries; ++i) {
        auto work = begin();
        EXPECT_TRUE(work->append(entry(i)) && work->commit());
    }
    for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace stemma::test
