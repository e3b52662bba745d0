// Snapshots: what comes back is what went in, and a file that is not whole is told and not used.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>

#include "core/lineage/reach.hpp"
#include "core/lineage/stock.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/lineage/random_ledger.hpp"

namespace stemma::lineage {
namespace {

namespace fs = std::filesystem;

const MacKey kKey = sha256("of this ledger");

std::string read(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

void write(const fs::path& path, const std::string& bytes) { std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes; }

/// All that an index says of every node, as text.
std::string everything(const Index& index) {
    const View view = index.view();
    std::string out = fmt::format("{} nodes, {} edges\n", view.node_count(), index.counts().edges);
    for (std::uint32_t number = 0; number < view.node_count(); ++number) {
        const Node node{number};
        out += fmt::format("{} {} {}\n", view.id(node), to_string(view.kind(node)), view.label(node));
        for (const Direction direction : {Direction::forward, Direction::back}) {
            view.for_each_edge(node, direction, [&](EdgeNo no, Node other) {
                const Edge edge = view.edge(no);
                out += fmt::format("  {} {} {} {} {}\n", view.id(other), to_string(edge.kind), to_string(edge.confidence),
                                   edge.amount.micros, edge.sequence);
            });
            const std::vector<Node> seeds{node};
            const Reach found = reach(view, seeds, direction);
            for (std::size_t i = 0; i < found.nodes().size(); ++i) out += fmt::format(" {}:{}", view.id(found.nodes()[i]), found.depth(i));
            out += fmt::format(" | {}\n", found.certain());
        }
        view.for_each_movement(
            node,
            [&](const Movement& movement) {
                out +=
                    fmt::format("  {} {} {} {}\n", movement.sequence, to_string(movement.kind), movement.amount.micros, movement.voided_at);
            },
            true);
    }
    return out;
}

TEST(Snapshot, brings_back_an_index_that_goes_on_as_if_nothing_had_been) {
    const test::TempFolder folder;
    const fs::path file = folder.file("lineage.snapshot");
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE(seed);
        RandomLedger ledger{seed};
        const std::vector<Entry>& entries = ledger.fed.entries;
        const std::size_t half = static_cast<std::size_t>(ledger.dice().below(static_cast<int>(entries.size()) + 1));
        {
            Index first{small_segments(16)};
            for (std::size_t i = 0; i < half; ++i) first.apply(i, entries[i]);
            ASSERT_TRUE(first.save(file, "the ledger", kKey));
        }
        Index second{small_segments(16)};
        ASSERT_TRUE(second.load(file, kKey));
        ASSERT_EQ(second.position(), half);
        for (std::size_t i = half; i < entries.size(); ++i) second.apply(i, entries[i]);
        ASSERT_EQ(everything(second), everything(ledger.fed.index));
    }
}

TEST(Snapshot, goes_on_with_the_many_movements_of_an_item_where_they_ended) {
    const test::TempFolder folder;
    const fs::path file = folder.file("s");
    std::vector<Entry> entries;
    for (int i = 1; i <= 60; ++i) {
        Entry entry;
        entry.body = moved({some("urn:often", i), some(fmt::format("urn:now and then:{}", i % 9), i)}, "urn:place:a", "urn:place:b");
        entries.push_back(entry);
    }
    for (std::size_t half = 0; half <= entries.size(); half += 5) {
        Index first;
        for (std::size_t i = 0; i < half; ++i) first.apply(i, entries[i]);
        ASSERT_TRUE(first.save(file, "l", kKey));
        Index second;
        ASSERT_TRUE(second.load(file, kKey));
        for (std::size_t i = half; i < entries.size(); ++i) second.apply(i, entries[i]);
        const View view = second.view();
        const auto amounts_of = [&](const std::string& id) {
            std::vector<std::int64_t> amounts;
            view.for_each_movement(node_of(view, id), [&](const Movement& movement) { amounts.push_back(movement.amount.micros / kOne); });
            return amounts;
        };
        std::vector<std::int64_t> all(entries.size());
        std::iota(all.begin(), all.end(), 1);
        EXPECT_EQ(amounts_of("urn:often"), all);
        EXPECT_EQ(amounts_of("urn:now and then:5"), (std::vector<std::int64_t>{5, 14, 23, 32, 41, 50, 59}));
    }
}

TEST(Snapshot, says_which_ledger_and_position_it_is_of) {
    const test::TempFolder folder;
    Fed fed;
    fed.add(transformation("urn:t:1", {instance("urn:i:1")}, {instance("urn:i:2")}));
    ASSERT_TRUE(fed.index.save(folder.file("s"), "example/ledger 1 abc", kKey));
    const auto info = Index::read_info(folder.file("s"));
    ASSERT_TRUE(info);
    EXPECT_EQ(info->position, 1U);
    EXPECT_EQ(info->ledger, "example/ledger 1 abc");
    EXPECT_FALSE(Index::read_info(folder.file("there is none")));
}

/// A small but complete ledger.
void feed(Fed& fed) {
    fed.add_master(product("urn:p:1", Tracking::lot));
    fed.add_master(item("urn:i:1", ItemKind::lot, "urn:p:1", "L-1"));
    fed.add(with_id(received({some("urn:i:1", 5)}, "urn:supplier", "urn:store"), "urn:e:1"));
    fed.add(with_document(transformation("urn:t:1", {some("urn:i:1", 2)}, {instance("urn:i:2")}), "po", "urn:doc:1"));
    fed.add(packing(Action::add, "urn:box", {instance("urn:i:2")}));
    fed.add(packing(Action::remove, "urn:box", {}));
}

TEST(Snapshot, with_any_byte_changed_or_cut_off_is_not_used) {
    const test::TempFolder folder;
    const fs::path file = folder.file("s");
    Fed fed;
    feed(fed);
    ASSERT_TRUE(fed.index.save(file, "l", kKey));
    const std::string whole = read(file);
    std::size_t tries = 0;
    const auto is_refused = [&](const std::string& bytes) {
        write(file, bytes);
        Index index;
        if (index.load(file, kKey) || index.position() != 0 || index.view().node_count() != 0) return false;
        if (++tries % 100 != 0) return true;
        for (std::size_t i = 0; i < fed.entries.size(); ++i) index.apply(i, fed.entries[i]);  // empty, and fit for use
        return everything(index) == everything(fed.index);
    };
    for (std::size_t i = 0; i < whole.size(); ++i) {
        std::string changed = whole;
        changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 8)));
        ASSERT_TRUE(is_refused(changed)) << "byte " << i << " of " << whole.size();
    }
    for (std::size_t size = 0; size < whole.size(); ++size) ASSERT_TRUE(is_refused(whole.substr(0, size))) << size;
    ASSERT_TRUE(is_refused(whole + '\0'));
}

TEST(Snapshot, of_another_key_is_not_used_however_whole_it_is) {
    const test::TempFolder folder;
    const fs::path file = folder.file("s");
    Fed fed;
    feed(fed);
    ASSERT_TRUE(fed.index.save(file, "l", sha256("of someone who can write the file")));
    Index index;
    EXPECT_FALSE(index.load(file, kKey));
    EXPECT_EQ(index.position(), 0U);
    EXPECT_TRUE(index.load(file, sha256("of someone who can write the file")));
}

TEST(Snapshot, that_cannot_be_written_leaves_the_old_one_and_says_why) {
    const test::TempFolder folder;
    const fs::path file = folder.file("s");
    Fed fed;
    feed(fed);
    ASSERT_TRUE(fed.index.save(file, "l", kKey));
    const std::string before = read(file);
    fs::create_directory(file.string() + ".new");  // in the way of the new file
    const auto saved = fed.index.save(file, "l", kKey);
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().code, Errc::storage);
    EXPECT_EQ(saved.error().where, file.string());
    EXPECT_EQ(read(file), before);
}

}  // namespace
}  // namespace stemma::lineage
