#include "core/lineage/events.hpp"

#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "core/lineage/names.hpp"

namespace stemma::lineage {

EventNo EventTable::add(const EventRow& row, const std::vector<DocumentNo>& documents) {
    if (row.sequence >= kNone) throw std::length_error("the lineage index has used up its 32-bit numbers");
    const EventNo event{static_cast<std::uint32_t>(sequences_.size())};
    times_.push_back(row.time.instant.us);
    flags_.push_back(static_cast<std::uint8_t>((row.time.date_only ? kDateOnly : 0) | (row.waste ? kWaste : 0)));
    ends_of_.push_back(ends_no({row.from, row.to, row.party}));
    anchors_.push_back(row.anchor);
    for (const DocumentNo document : documents) documents_.push_back(document);
    documents_end_.push_back(static_cast<std::uint32_t>(documents_.size()));
    sequences_.push_back(static_cast<std::uint32_t>(row.sequence));
    return event;
}

std::size_t EventTable::EndsHash::operator()(const Ends& ends) const noexcept {
    constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15U;  // Knuth, The Art of Computer Programming, section 6.4: 2^64 / golden ratio
    std::uint64_t hash = 0;
    for (const std::uint64_t part : {slot(ends.from), slot(ends.to), slot(ends.party)}) hash = (hash ^ part) * kSpread;
    return static_cast<std::size_t>(hash ^ hash >> 32U);
}

std::uint32_t EventTable::ends_no(const Ends& ends) {
    const auto [at, fresh] = ends_numbers_.try_emplace(ends, static_cast<std::uint32_t>(ends_.size()));
    if (fresh) ends_.push_back(ends);
    return at->second;
}

void EventTable::declare_wrong(EventNo event, Sequence by) {
    {
        const std::lock_guard lock{voided_mutex_};
        voided_.emplace(static_cast<std::uint32_t>(event), by);
    }
    flags_.set_bits(slot(event), kWrong);
}

Sequence EventTable::voided_at(EventNo event) const noexcept {
    if ((flags_.load(slot(event)) & kWrong) == 0) return kNever;
    const std::shared_lock lock{voided_mutex_};
    const auto found = voided_.find(static_cast<std::uint32_t>(event));
    return found == voided_.end() ? kNever : found->second;
}

std::vector<DocumentNo> EventTable::documents(EventNo event) const {
    const std::size_t row = slot(event);
    std::vector<DocumentNo> found;
    for (std::size_t i = documents_begin(row); i < documents_end_[row]; ++i) found.push_back(documents_[i]);
    return found;
}

DocumentNo EventTable::first_document(EventNo event) const noexcept {
    const std::size_t begin = documents_begin(slot(event));
    return begin < documents_end_[slot(event)] ? documents_[begin] : DocumentNo::none;
}

std::uint32_t EventTable::rows_below(Sequence as_of) const noexcept {
    const auto below = static_cast<std::uint32_t>(std::min<Sequence>(as_of, kNone));
    return static_cast<std::uint32_t>(sequences_.lower_bound(below, sequences_.size()));
}

std::size_t EventTable::wrong() const {
    const std::shared_lock lock{voided_mutex_};
    return voided_.size();
}

std::size_t EventTable::memory_bytes() const {
    return sequences_.memory_bytes() + times_.memory_bytes() + flags_.memory_bytes() + ends_of_.memory_bytes() + anchors_.memory_bytes() +
           ends_.memory_bytes() + ends_numbers_.size() * kMapNodeBytes + documents_end_.memory_bytes() + documents_.memory_bytes() +
           wrong() * kMapNodeBytes;
}

void EventTable::save(SnapshotWriter& out) const {
    sequences_.save(out);
    out.column(times_);
    out.column(flags_);
    out.column(ends_of_);
    out.column(anchors_);
    out.column(ends_);
    documents_end_.save(out);
    out.column(documents_);
    out.map(voided_);
}

void EventTable::load(SnapshotReader& in) {
    sequences_.load(in);
    in.column(times_);
    in.column(flags_);
    in.column(ends_of_);
    in.column(anchors_);
    in.column(ends_);
    for (std::uint32_t i = 0; i < ends_.size(); ++i) ends_numbers_.emplace(ends_[i], i);
    documents_end_.load(in);
    in.column(documents_);
    in.map(voided_);
}

}  // namespace stemma::lineage
