#include "core/engine/audit.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/engine/stored.hpp"

namespace stemma::engine {
namespace {

using lineage::AuditFault;
using lineage::AuditKind;
using lineage::Node;

constexpr unsigned kPlaceBits = 20;        // of a cursor: how many findings of its node were given
constexpr std::size_t kNodesBatch = 1000;  // whose master data is read at once

constexpr std::uint32_t bit(AuditKind kind) { return std::uint32_t{1} << std::to_underlying(kind); }
constexpr std::uint32_t kByDates = bit(AuditKind::expired_before_received) | bit(AuditKind::expires_before_made);
static_assert(lineage::kAuditKinds <= 32, "a bit per kind");

/// When a date of master data can be; none for what is no date.
std::optional<lineage::EventSpan> span_of(const Attributes& attributes, const char* name) {
    const auto found = attributes.find(name);
    if (found == attributes.end()) return std::nullopt;
    const Result<WrittenTime> time = parse_time(found->second);
    if (!time) return std::nullopt;
    return lineage::EventSpan{time->instant, {time->instant.us + (time->date_only ? kMicrosPerDay - 1 : 0)}};
}

class Auditing {
public:
    Auditing(ReadSnapshot& snapshot, const lineage::View& view, const AuditQuestion& question)
        : snapshot_{snapshot}, view_{view}, question_{question} {}

    Result<AuditPage> page() {
        if (auto known = find_latest(); !known) return std::unexpected(known.error());
        const auto begin = static_cast<std::size_t>(question_.after >> kPlaceBits);
        if (begin < view_.node_count()) {
            if (auto looked = look_at_nodes(begin); !looked) return std::unexpected(looked.error());
        } else if (auto looked = look_at_numbers(); !looked) {
            return std::unexpected(looked.error());
        }
        page_.cancelled = cancelled();
        return std::move(page_);
    }

private:
    [[nodiscard]] bool cancelled() const { return question_.cancel != nullptr && question_.cancel->load(std::memory_order_relaxed); }
    [[nodiscard]] static std::uint64_t cursor(std::size_t place, std::size_t given) {
        return (std::uint64_t{place} << kPlaceBits) | std::min(given, (std::size_t{1} << kPlaceBits) - 1);
    }
    [[nodiscard]] bool asks(std::uint32_t kinds) const { return (question_.kinds & kinds) != 0; }

    /// When the newest entry of the view was recorded.
    Result<void> find_latest() {
        options_.cancel = question_.cancel;
        if (view_.as_of() == 0) return {};
        const auto rows = snapshot_.entries(view_.as_of() - 1, 1);
        if (!rows) return std::unexpected(rows.error());
        if (rows->empty()) return fail(Errc::storage, "the newest entry of the audit is not in the store");
        const Result<Entry> entry = decode_stored(rows->front());
        if (!entry) return std::unexpected(entry.error());
        options_.latest = {entry->recorded_at.us + kAuditClocksDiffer.us};
        return {};
    }

    Result<void> look_at_nodes(std::size_t begin) {
        lineage::Audit audit{view_, options_};
        const std::size_t end = std::min(view_.node_count(), begin + question_.nodes_max);
        std::size_t given = question_.after & ((std::uint64_t{1} << kPlaceBits) - 1);
        for (std::size_t first = begin; first < end; first += kNodesBatch) {
            const std::size_t last = std::min(end, first + kNodesBatch);
            if (auto read = read_lives(first, last); !read) return read;
            for (std::size_t i = first; i < last; ++i) {
                const Node node{static_cast<std::uint32_t>(i)};
                const auto life = lives_.find(node);
                std::vector<AuditFault> faults = audit.of(node, life == lives_.end() ? lineage::ItemLife{} : life->second);
                if (cancelled()) return {};
                if (auto taken = take(i, std::exchange(given, 0), std::move(faults)); !taken || !*taken)
                    return taken ? Result<void>{} : std::unexpected(taken.error());
                ++page_.nodes;
            }
        }
        if (end < view_.node_count() || asks(bit(AuditKind::same_number))) page_.next = cursor(end, 0);
        return {};
    }

    Result<void> look_at_numbers() {
        if (!asks(bit(AuditKind::same_number))) return {};
        const std::size_t given = question_.after & ((std::uint64_t{1} << kPlaceBits) - 1);
        auto taken = take(view_.node_count(), given, lineage::same_numbers(view_, options_));
        return taken ? Result<void>{} : std::unexpected(taken.error());
    }

    /// Takes those of the faults at a place that are asked for, after the first `given`. False when the page is full.
    Result<bool> take(std::size_t place, std::size_t given, std::vector<AuditFault> faults) {
        std::size_t number = 0;
        for (AuditFault& fault : faults) {
            if (!asks(bit(fault.kind))) continue;
            AuditFinding finding{std::move(fault), {}, {}};
            const auto belongs = complete(finding);
            if (!belongs) return std::unexpected(belongs.error());
            if (!*belongs || number++ < given) continue;
            if (!question_.count && page_.findings.size() == question_.limit) {
                page_.next = cursor(place, number - 1);
                return false;
            }
            ++page_.count;
            ++page_.by_kind.at(std::to_underlying(finding.fault.kind));
            if (!question_.count) page_.findings.push_back(std::move(finding));
        }
        return true;
    }

    /// Adds the rows; whether one of them is of the source.
    Result<bool> complete(AuditFinding& finding) {
        if (question_.count && question_.source.empty()) return true;
        bool belongs = question_.source.empty();
        const auto look = [&](const std::optional<SourceRow>& row) { belongs |= row && row->source == question_.source; };
        std::vector<Node> items{finding.fault.item};
        items.insert(items.end(), finding.fault.others.begin(), finding.fault.others.end());
        for (const Node item : items) {
            auto record = record_of(item);
            if (!record) return std::unexpected(record.error());
            if (!*record) continue;
            look((*record)->source);
            finding.records.push_back(**std::move(record));
        }
        if (question_.count && belongs) return true;
        std::vector<Sequence> sequences;
        sequences.reserve(finding.fault.events.size());
        for (const lineage::AuditedEvent& event : finding.fault.events) sequences.push_back(view_.sequence_of(event.event));
        const auto stored = snapshot_.entries_at(sequences);
        if (!stored) return std::unexpected(stored.error());
        for (std::size_t i = 0; i < stored->size(); ++i) {
            Result<Entry> entry = decode_stored((*stored)[i]);
            if (!entry) return std::unexpected(entry.error());
            look(entry->source);
            finding.rows.push_back({finding.fault.events[i], sequences[i], std::move(entry->source)});
        }
        return belongs;
    }

    /// The newest master record; none where none is known or it is newer than the view.
    Result<std::optional<AuditRecord>> record_of(Node item) {
        const auto subject = snapshot_.subject(std::string{view_.id(item)});
        if (!subject) return std::unexpected(subject.error());
        if (!*subject || !(*subject)->master || *(*subject)->master >= view_.as_of()) return std::optional<AuditRecord>{};
        const auto stored = snapshot_.entries_at({*(*subject)->master});
        if (!stored) return std::unexpected(stored.error());
        Result<Entry> entry = decode_stored(stored->front());
        if (!entry) return std::unexpected(entry.error());
        return std::optional{AuditRecord{item, stored->front().sequence, std::move(entry->source)}};
    }

    /// The dates that master data gives for the nodes [first, last).
    Result<void> read_lives(std::size_t first, std::size_t last) {
        lives_.clear();
        if (!asks(kByDates)) return {};
        std::vector<std::string> ids;
        std::vector<Node> nodes;
        for (std::size_t i = first; i < last; ++i) {
            const Node node{static_cast<std::uint32_t>(i)};
            if (view_.is_transformation(node) || view_.is_untracked(node)) continue;
            ids.emplace_back(view_.id(node));
            nodes.push_back(node);
        }
        std::vector<const std::string*> asked;
        asked.reserve(ids.size());
        for (const std::string& id : ids) asked.push_back(&id);
        Result<void> read;
        Entry entry;
        std::vector<std::size_t> newer;  // changed since the view
        const auto visited = snapshot_.visit_masters(asked, [&](std::size_t place, const EntryView& row) {
            if (row.sequence >= view_.as_of()) return newer.push_back(place);
            if (!read) return;
            if (auto decoded = decode_stored(row, entry); !decoded) read = std::move(decoded);
            if (const auto* master = std::get_if<Master>(&entry.body); read && master != nullptr) keep_life(nodes[place], *master);
        });
        if (!visited) return visited;
        for (const std::size_t place : newer) {
            const auto master = master_before(snapshot_, ids[place], view_.as_of());
            if (!master) return std::unexpected(master.error());
            if (*master) keep_life(nodes[place], **master);
        }
        return read;
    }

    void keep_life(Node node, const Master& master) {
        const Item* item = std::get_if<Item>(&master);
        if (item == nullptr || item->attributes.empty()) return;
        const lineage::ItemLife life{span_of(item->attributes, "itemExpirationDate"), span_of(item->attributes, "productionDate")};
        if (life.expires) lives_[node] = life;
    }

    ReadSnapshot& snapshot_;
    const lineage::View& view_;
    const AuditQuestion& question_;
    lineage::AuditOptions options_;
    std::unordered_map<Node, lineage::ItemLife> lives_;
    AuditPage page_;
};

}  // namespace

Result<AuditPage> audit(ReadSnapshot& snapshot, const lineage::View& view, const AuditQuestion& question) {
    return Auditing{snapshot, view, question}.page();
}

}  // namespace stemma::engine
