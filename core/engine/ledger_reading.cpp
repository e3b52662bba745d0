#include "core/engine/ledger_reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/engine/stored.hpp"
#include "core/ledger/tree.hpp"

namespace stemma::engine {
namespace {

constexpr std::uint64_t kBatch = 256;               ///< entries handed over at once
constexpr std::uint64_t kPage = 16 * kBatch;        ///< rows of one query
constexpr std::uint64_t kWorthThreads = 4 * kPage;  ///< below, threads cost more than they save
constexpr unsigned kDecodersMax = 3;
constexpr std::size_t kBatchesPerDecoder = 4;

constexpr const char* kVerify = "run: stemma ledger verify";

/// Some rows of the ledger, and what they were decoded to. Filled, decoded and taken by one thread each, one after the other; used again,
/// so that its texts keep their room.
struct Batch {
    struct Row {
        Sequence sequence{0};
        std::size_t begin{0};
        std::size_t size{0};
        std::size_t leaf_size{0};  ///< the stored leaf hash stands behind the bytes
    };
    std::string text;
    std::vector<Row> rows;
    std::vector<Digest> leaves;
    std::vector<Entry> entries;  ///< at least as many as rows
    std::size_t sound{0};        ///< rows that came before the first bad one
    Result<void> result;         ///< why the next one is bad
    bool ready{false};

    void clear() {
        text.clear();
        rows.clear();
        sound = 0;
        result = {};
    }
    void add(const EntryView& row) {
        rows.push_back({row.sequence, text.size(), row.bytes.size(), row.leaf_hash.size()});
        text.append(row.bytes);
        text.append(row.leaf_hash);
    }
    [[nodiscard]] std::string_view bytes(const Row& row) const { return std::string_view{text}.substr(row.begin, row.size); }
    [[nodiscard]] std::string_view leaf(const Row& row) const { return std::string_view{text}.substr(row.begin + row.size, row.leaf_size); }
};

Result<void> decode_row(Batch& batch, std::size_t at) {
    const Batch::Row& row = batch.rows[at];
    batch.leaves[at] = leaf_hash(batch.bytes(row));
    const Result<Digest> stored = digest_from_hex(batch.leaf(row));
    if (!stored || *stored != batch.leaves[at])
        return fail(Errc::storage, fmt::format("entry {} was changed: its bytes do not give its leaf hash", row.sequence), {}, kVerify);
    return decode_body(row.sequence, batch.bytes(row), batch.entries[at]);
}

void decode(Batch& batch) {
    batch.leaves.resize(batch.rows.size());
    if (batch.entries.size() < batch.rows.size()) batch.entries.resize(batch.rows.size());
    try {
        while (batch.sound < batch.rows.size()) {
            auto decoded = decode_row(batch, batch.sound);
            if (!decoded) {
                batch.result = std::move(decoded);
                return;
            }
            ++batch.sound;
        }
    } catch (const std::exception& error) {
        batch.result = fail(Errc::internal, error.what(), fmt::format("ledger entry {}", batch.rows[batch.sound].sequence));
    }
}

Result<void> missing(Sequence sequence) { return fail(Errc::storage, fmt::format("entry {} is missing", sequence), {}, kVerify); }

/// Hands over what is sound of a decoded batch; `next` is the entry that is due.
Result<void> hand_over(const Batch& batch, Sequence& next, const TakeEntry& take) {
    for (std::size_t i = 0; i < batch.sound; ++i, ++next) {
        if (batch.rows[i].sequence != next) return missing(next);
        take(next, batch.leaves[i], batch.entries[i]);
    }
    return batch.result;
}

/// The rows [first, end) in batches, in order, as long as `room` gives one to fill and `filled` takes it.
template <class Room, class Filled>
Result<void> fill_batches(ReadSnapshot& ledger, Sequence first, Sequence end, const Room& room, const Filled& filled) {
    for (; first < end; first += kPage) {
        Batch* batch = nullptr;
        bool wanted = true;
        const auto read = ledger.visit_entries(first, std::min(kPage, end - first), [&](const EntryView& row) {
            if (batch == nullptr && wanted) wanted = (batch = room()) != nullptr;
            if (batch == nullptr) return;
            batch->add(row);
            if (batch->rows.size() < kBatch) return;
            filled(*batch);
            batch = nullptr;
        });
        if (batch != nullptr) filled(*batch);
        if (!read || !wanted) return read;
    }
    return {};
}

/// One thread reads, some decode, the caller takes. Batches go round in a ring, each numbered by its turn.
class Pipeline {
public:
    Pipeline(ReadSnapshot& ledger, Sequence first, Sequence end, unsigned decoders)
        : ledger_{ledger}, first_{first}, end_{end}, ring_(kBatchesPerDecoder * decoders + 2) {
        threads_.emplace_back([this] { read(); });
        for (unsigned i = 0; i < decoders; ++i) threads_.emplace_back([this] { decode_all(); });
    }
    ~Pipeline() {
        {
            const std::lock_guard lock{mutex_};
            stopping_ = true;
        }
        changed_.notify_all();
        threads_.clear();  // joins
    }
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    Result<void> run(const TakeEntry& take) {
        for (Sequence next = first_;;) {
            Batch* const batch = await_ready();
            if (batch == nullptr) {
                if (!read_) return read_;
                return next == end_ ? Result<void>{} : missing(next);
            }
            if (auto taken = hand_over(*batch, next, take); !taken) return taken;
            const std::lock_guard lock{mutex_};
            batch->ready = false;
            ++taken_;
            changed_.notify_all();
        }
    }

private:
    [[nodiscard]] Batch& at(std::uint64_t number) { return ring_[static_cast<std::size_t>(number % ring_.size())]; }

    /// The next batch to take; null at the end.
    Batch* await_ready() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return at(taken_).ready || (at_end_ && taken_ == filled_); });
        return taken_ == filled_ ? nullptr : &at(taken_);
    }

    void read() {
        const auto room = [&]() -> Batch* {
            std::unique_lock lock{mutex_};
            changed_.wait(lock, [&] { return stopping_ || filled_ - taken_ < ring_.size(); });
            if (stopping_) return nullptr;
            at(filled_).clear();
            return &at(filled_);
        };
        const auto filled = [&](Batch&) {
            const std::lock_guard lock{mutex_};
            ++filled_;
            changed_.notify_all();
        };
        Result<void> read;
        try {
            read = fill_batches(ledger_, first_, end_, room, filled);
        } catch (const std::exception& error) {
            read = fail(Errc::internal, error.what(), "reading the ledger");
        }
        const std::lock_guard lock{mutex_};
        read_ = std::move(read);
        at_end_ = true;
        changed_.notify_all();
    }

    void decode_all() {
        for (;;) {
            std::unique_lock lock{mutex_};
            changed_.wait(lock, [&] { return stopping_ || decoding_ < filled_ || at_end_; });
            if (stopping_ || decoding_ == filled_) return;
            Batch& batch = at(decoding_++);
            lock.unlock();
            decode(batch);
            lock.lock();
            batch.ready = true;
            changed_.notify_all();
        }
    }

    ReadSnapshot& ledger_;
    const Sequence first_;
    const Sequence end_;
    std::mutex mutex_;  ///< guards all below, but for the content of a batch, which is its thread's of the moment
    std::condition_variable changed_;
    std::vector<Batch> ring_;
    std::uint64_t filled_{0};
    std::uint64_t decoding_{0};
    std::uint64_t taken_{0};
    Result<void> read_;
    bool at_end_{false};
    bool stopping_{false};
    std::vector<std::jthread> threads_;
};

Result<void> read_alone(ReadSnapshot& ledger, Sequence first, Sequence end, const TakeEntry& take) {
    Batch batch;
    Result<void> result;
    Sequence next = first;
    const auto room = [&]() -> Batch* {
        batch.clear();
        return result ? &batch : nullptr;
    };
    const auto filled = [&](Batch& full) {
        decode(full);
        result = hand_over(full, next, take);
    };
    auto read = fill_batches(ledger, first, end, room, filled);
    if (!result || !read) return result ? read : result;
    return next == end ? Result<void>{} : missing(next);
}

}  // namespace

unsigned decoders_for_start() { return std::clamp(std::thread::hardware_concurrency(), 2U, kDecodersMax + 1) - 1; }

Result<void> read_ledger(ReadSnapshot& ledger, Sequence first, Sequence end, unsigned decoders, const TakeEntry& take) {
    if (first >= end) return {};
    if (decoders == 0 || end - first < kWorthThreads) return read_alone(ledger, first, end, take);
    return Pipeline{ledger, first, end, decoders}.run(take);
}

lineage::ReadLedger reader_of(Store& store) {
    return [&store](Sequence end, const std::function<void(Sequence, const Entry&)>& take) {
        const auto ledger = store.read();
        const Result<void> read = ledger ? read_ledger(**ledger, 0, end, decoders_for_start(),
                                                       [&](Sequence sequence, const Digest&, const Entry& entry) { take(sequence, entry); })
                                         : std::unexpected(ledger.error());
        if (!read) throw std::runtime_error{read.error().text()};
    };
}

}  // namespace stemma::engine
