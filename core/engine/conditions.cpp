#include "core/engine/conditions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>

#include "core/engine/stored.hpp"

namespace stemma::engine {
namespace {

constexpr std::size_t kReadAtOnce = 500;          ///< entries decoded at a time
constexpr std::uint64_t kRecordsLookedAt = 1000;  ///< newest entries of one item in which a record of an older position is looked for

using Named = std::vector<std::pair<std::string, std::string>>;

Named named_values(const Event& event) {
    Named values{event.ilmd.begin(), event.ilmd.end()};
    for (const SensorReport& report : event.sensors) {
        const std::string unit = report.value && !report.value->unit.empty() ? fmt::format(" ({})", report.value->unit) : "";
        values.emplace_back(report.type + unit, report.value ? format_micros(report.value->micros) : report.string_value);
    }
    return values;
}

class Reader {
public:
    Reader(ReadSnapshot& snapshot, Sequence as_of, const std::atomic<bool>* cancel) : snapshot_{snapshot}, as_of_{as_of}, cancel_{cancel} {}

    Result<std::vector<lineage::ItemCondition>> read(std::span<const lineage::AskedItem> items) {
        std::map<Sequence, std::vector<std::size_t>> wanted;  // entry -> items that it may say something of
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (cancelled()) return fail(Errc::unavailable, "cancelled");
            for (const Sequence birth : items[i].births) wanted[birth].push_back(i);
            const auto record = record_of(items[i].id);
            if (!record) return std::unexpected(record.error());
            if (*record) wanted[**record].push_back(i);
        }
        std::vector<Sequence> batch;
        for (auto at = wanted.begin(); at != wanted.end();) {
            batch.clear();
            for (; at != wanted.end() && batch.size() < kReadAtOnce; ++at) batch.push_back(at->first);
            if (auto done = read_batch(batch, wanted, items); !done) return std::unexpected(done.error());
        }
        return std::move(found_);
    }

private:
    [[nodiscard]] bool cancelled() const { return cancel_ != nullptr && cancel_->load(std::memory_order_relaxed); }

    /// The entry with the newest record of an item below the position. Of an older position it is looked for among the item's entries.
    Result<std::optional<Sequence>> record_of(const std::string& id) {
        const auto subject = snapshot_.subject(id);
        if (!subject) return std::unexpected(subject.error());
        if (!*subject || !(*subject)->master) return std::nullopt;
        if (*(*subject)->master < as_of_) return (*subject)->master;
        const auto entries = snapshot_.subject_entries(id, as_of_, kRecordsLookedAt);
        if (!entries) return std::unexpected(entries.error());
        const auto rows = snapshot_.entries_at(*entries);
        if (!rows) return std::unexpected(rows.error());
        for (const StoredEntry& row : std::views::reverse(*rows)) {
            const Result<Entry> entry = decode_stored(row);
            if (!entry) return std::unexpected(entry.error());
            const Master* master = std::get_if<Master>(&entry->body);
            if (master != nullptr && std::holds_alternative<Item>(*master) && id_of(*master) == id) return row.sequence;
        }
        return std::nullopt;
    }

    Result<void> read_batch(const std::vector<Sequence>& batch, const std::map<Sequence, std::vector<std::size_t>>& wanted,
                            std::span<const lineage::AskedItem> items) {
        if (cancelled()) return fail(Errc::unavailable, "cancelled");
        const auto rows = snapshot_.entries_at(batch);
        if (!rows) return std::unexpected(rows.error());
        for (const StoredEntry& row : *rows) {
            const Result<Entry> entry = decode_stored(row);
            if (!entry) return std::unexpected(entry.error());
            const Event* event = std::get_if<Event>(&entry->body);
            const Master* master = std::get_if<Master>(&entry->body);
            Named values;
            if (event != nullptr) values = named_values(*event);
            if (const Item* item = master != nullptr ? std::get_if<Item>(master) : nullptr)
                values.assign(item->attributes.begin(), item->attributes.end());
            for (const std::size_t i : wanted.at(row.sequence))
                for (const auto& [name, value] : values) found_.push_back({items[i].node, name, value, name == "revision"});
        }
        return {};
    }

    ReadSnapshot& snapshot_;
    const Sequence as_of_;
    const std::atomic<bool>* cancel_;
    std::vector<lineage::ItemCondition> found_;
};

}  // namespace

Result<std::vector<lineage::ItemCondition>> read_conditions(ReadSnapshot& snapshot, std::span<const lineage::AskedItem> items,
                                                            Sequence as_of, const std::atomic<bool>* cancel) {
    return Reader{snapshot, as_of, cancel}.read(items);
}

}  // namespace stemma::engine
