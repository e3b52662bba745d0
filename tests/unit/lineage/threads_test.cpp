// One writer, many readers: every view is whole, whatever the writer does meanwhile. Run under the thread sanitizer as well.
#include <gtest/gtest.h>

#include <thread>

#include "core/lineage/reach.hpp"
#include "core/lineage/recall.hpp"
#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

constexpr int kSteps = 1500;
constexpr int kReaders = 3;

/// Merges all the time, into many segments.
IndexSettings busy() {
    IndexSettings settings;
    settings.graph = {.merge_edges_min = 16, .merge_percent = 1, .segment_edges_max = 100};
    return settings;
}

/// Entry n of the chain: order n takes item n in and puts item n + 1 out.
Entry chain_entry(int n) {
    Entry entry;
    entry.body = with_id(with_places(transformation(fmt::format("urn:t:{}", n), {instance(fmt::format("urn:i:{}", n))},
                                                    {instance(fmt::format("urn:i:{}", n + 1))}),
                                     "urn:store", "urn:store"),
                         fmt::format("urn:e:{}", n));
    return entry;
}

/// In a view of n entries the chain has n orders and n + 1 items, each one deeper than the one before.
bool is_whole(const View& view) {
    const Sequence length = view.as_of();
    const std::vector<Node> seeds{node_of(view, "urn:i:0")};
    if (length == 0) return seeds[0] == Node::none;
    const Trace forward = trace(view, seeds, Direction::forward);
    if (forward.nodes.size() != 2 * length + 1 || forward.nodes.back().depth != 2 * length) return false;
    const Node last = forward.nodes.back().node;
    if (view.id(last) != fmt::format("urn:i:{}", length)) return false;
    const std::vector<Node> end{last};
    if (reach(view, seeds, Direction::forward).nodes().size() != 2 * length + 1) return false;
    return trace(view, end, Direction::back).nodes.size() == 2 * length + 1;
}

TEST(Threads, readers_see_whole_prefixes_while_the_writer_appends_and_merges_run) {
    Index index{busy()};
    std::atomic<bool> done{false};
    std::atomic<int> wrong{0};
    std::atomic<int> asked{0};
    std::vector<std::thread> readers;
    readers.reserve(kReaders);
    for (int r = 0; r < kReaders; ++r)
        readers.emplace_back([&, r] {
            for (Sequence round = 0; !done || round < 5; ++round) {
                const Sequence position = index.position();
                const View view = index.view(r == 0 ? kLatest : position / (1 + round % 4));
                if (!is_whole(view)) ++wrong;
                if (r == 2 && view.as_of() > 0 && stock_of(view, node_of(view, "urn:i:0")).units.at(0).consumed != kOne) ++wrong;
                ++asked;
            }
        });
    for (int n = 0; n < kSteps; ++n) index.apply(static_cast<Sequence>(n), chain_entry(n));
    done = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_GE(asked, kReaders * 5);
    EXPECT_EQ(index.position(), static_cast<Sequence>(kSteps));
    EXPECT_TRUE(is_whole(index.view()));
    index.merge();
    EXPECT_GE(index.graph_size().segments, 1U);
    EXPECT_EQ(index.graph_size().unmerged, 0U);
}

TEST(Threads, a_view_shows_the_same_however_many_merges_come_after_it) {
    Index index{busy()};
    for (int n = 0; n < 100; ++n) index.apply(static_cast<Sequence>(n), chain_entry(n));
    const View view = index.view();
    for (int n = 100; n < kSteps; ++n) index.apply(static_cast<Sequence>(n), chain_entry(n));
    index.merge();
    EXPECT_EQ(view.as_of(), 100U);
    EXPECT_TRUE(is_whole(view));
}

TEST(Threads, a_stream_of_readers_does_not_keep_the_writer_out) {
    Index index;
    std::atomic<bool> done{false};
    std::vector<std::thread> readers;
    readers.reserve(kReaders);
    for (int r = 0; r < kReaders; ++r)
        readers.emplace_back([&] {
            while (!done) {
                const View view = index.view();
                std::this_thread::yield();
            }
        });
    for (int n = 0; n < 200; ++n) index.apply(static_cast<Sequence>(n), chain_entry(n));  // ends, or the test's time limit does
    done = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(index.position(), 200U);
}

TEST(Threads, a_walk_is_cancelled_from_another_thread) {
    Index index;
    for (int n = 0; n < kSteps; ++n) index.apply(static_cast<Sequence>(n), chain_entry(n));
    std::atomic<bool> cancel{false};
    std::thread other([&] { cancel = true; });
    other.join();
    const View view = index.view();
    const std::vector<Node> seeds{node_of(view, "urn:i:0")};
    TraceOptions options;
    options.cancel = &cancel;
    EXPECT_TRUE(trace(view, seeds, Direction::forward, options).cancelled);
}

}  // namespace
}  // namespace stemma::lineage
