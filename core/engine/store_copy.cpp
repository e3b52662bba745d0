#include "core/engine/store_copy.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "core/engine/rebuild.hpp"
#include "core/ledger/tree.hpp"

namespace stemma::engine {
namespace {

constexpr std::uint64_t kStep = 1000;  ///< entries, checkpoints or persons in one transaction
constexpr std::uint64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

/// The mark of an unfinished copy is a reject of a source that no settings can name: a source's name has no blank.
RejectRow mark() {
    return {.source = "stemma store copy",
            .query = {},
            .key = "unfinished",
            .table = {},
            .reason = "the copy of a ledger that was not finished",
            .at = {}};
}

class Copying {
public:
    Copying(ReadSnapshot& from, Store& to, const StoreCopyHooks& hooks) : from_{from}, to_{to}, hooks_{hooks} {}

    Result<StoreCopyReport> run() {
        const auto size = from_.size();
        if (!size) return std::unexpected(size.error());
        report_.entries = *size;
        for (const auto step : {&Copying::look_at_target, &Copying::copy_entries, &Copying::copy_checkpoints, &Copying::compare_roots,
                                &Copying::finish, &Copying::compare_read_models})
            if (auto done = (this->*step)(); !done) return std::unexpected(done.error());
        return std::move(report_);
    }

private:
    Result<void> look_at_target();
    Result<bool> holds_anything(ReadSnapshot& target);
    Result<void> copy_entries();
    Result<void> copy_checkpoints();
    Result<void> compare_roots();
    Result<void> finish();
    Result<void> copy_persons(UnitOfWork& unit);
    Result<void> compare_read_models();
    Result<std::string> root_of(ReadSnapshot& ledger) const;

    ReadSnapshot& from_;
    Store& to_;
    const StoreCopyHooks& hooks_;
    StoreCopyReport report_;
    bool marked_{false};
    std::vector<StoredCheckpoint> last_checkpoints_;  ///< written by the last step: without them no daemon takes the copy
};

Result<bool> Copying::holds_anything(ReadSnapshot& target) {
    const auto size = target.size();
    if (!size) return std::unexpected(size.error());
    const auto checkpoint = target.latest_checkpoint();
    if (!checkpoint) return std::unexpected(checkpoint.error());
    const auto persons = target.persons("", 1);
    if (!persons) return std::unexpected(persons.error());
    const auto states = target.source_states();
    if (!states) return std::unexpected(states.error());
    const auto rejects = target.rejects("", 1);
    if (!rejects) return std::unexpected(rejects.error());
    const auto access = target.access_rows();
    if (!access) return std::unexpected(access.error());
    return *size != 0 || *checkpoint || !persons->empty() || !states->empty() || !rejects->empty() || !access->empty();
}

Result<void> Copying::look_at_target() {
    const auto target = to_.read();
    if (!target) return std::unexpected(target.error());
    const auto marks = (*target)->rejects(mark().source, 1);
    if (!marks) return std::unexpected(marks.error());
    marked_ = !marks->empty();
    if (!marked_) {
        const auto anything = holds_anything(**target);
        if (!anything) return std::unexpected(anything.error());
        if (*anything)
            return fail(Errc::conflict, "the target is not empty, and a copy replaces nothing", {}, "name a database without a ledger");
        return {};
    }
    const auto size = (*target)->size();
    if (!size) return std::unexpected(size.error());
    report_.resumed_at = *size;
    if (*size == 0) return {};
    const auto other =
        fail(Errc::conflict, "the target holds an unfinished copy of another ledger", {}, "name a database without a ledger");
    if (*size > report_.entries) return other;
    const auto copied = (*target)->entries_at({*size - 1});
    if (!copied) return std::unexpected(copied.error());
    const auto original = from_.entries_at({*size - 1});
    if (!original) return std::unexpected(original.error());
    // The chain hash is over all entries before it, too.
    if (copied->front().bytes != original->front().bytes || copied->front().chain_hash != original->front().chain_hash) return other;
    return {};
}

Result<void> Copying::copy_entries() {
    for (Sequence next = report_.resumed_at; next < report_.entries || !marked_;) {
        const auto rows = from_.entries(next, std::min(kStep, report_.entries - next));
        if (!rows) return std::unexpected(rows.error());
        if (rows->empty() && report_.entries != 0) return fail(Errc::storage, fmt::format("the ledger has no entry {}", next));
        auto unit = to_.begin();
        if (!unit) return std::unexpected(unit.error());
        if (!marked_)
            if (auto put = (*unit)->put_reject(mark()); !put) return put;
        for (const StoredEntry& row : *rows) {
            if (auto appended = (*unit)->append(row); !appended) return appended;
            if (auto projected = project_row(**unit, row); !projected) return projected;
        }
        if (auto committed = (*unit)->commit(); !committed) return committed;
        marked_ = true;
        next += rows->size();
        if (hooks_.progress) hooks_.progress(next, report_.entries);
    }
    return {};
}

/// In order of size; the last page waits for the last step.
Result<void> Copying::copy_checkpoints() {
    for (std::uint64_t from = 0;;) {
        auto page = from_.checkpoints(from, kStep);
        if (!page) return std::unexpected(page.error());
        report_.checkpoints += page->size();
        if (page->size() < kStep) {
            last_checkpoints_.insert(last_checkpoints_.end(), page->begin(), page->end());
            return {};
        }
        from = page->back().size + 1;
        last_checkpoints_ = {page->back()};
        page->pop_back();
        auto unit = to_.begin();
        if (!unit) return std::unexpected(unit.error());
        for (const StoredCheckpoint& checkpoint : *page)
            if (auto put = (*unit)->put_checkpoint(checkpoint); !put) return put;
        if (auto committed = (*unit)->commit(); !committed) return committed;
    }
}

Result<std::string> Copying::root_of(ReadSnapshot& ledger) const {
    MerkleTree tree;
    auto visited = ledger.visit_entries(0, report_.entries, [&](const EntryView& entry) { tree.append(leaf_hash(entry.bytes)); });
    if (!visited) return fail(std::move(visited));
    if (tree.size() != report_.entries)
        return fail(Errc::storage, fmt::format("{} of {} entries were read back", tree.size(), report_.entries));
    return to_hex(tree.root());
}

Result<void> Copying::compare_roots() {
    auto original = root_of(from_);
    if (!original) return std::unexpected(original.error());
    const auto target = to_.read();
    if (!target) return std::unexpected(target.error());
    auto copied = root_of(**target);
    if (!copied) return std::unexpected(copied.error());
    if (*copied != *original)
        return fail(Errc::storage, "the copied entries are not the original ones: root " + *copied + ", not " + *original);
    report_.root = *std::move(original);
    return {};
}

Result<void> Copying::copy_persons(UnitOfWork& unit) {
    for (std::string after;;) {
        const auto page = from_.persons(after, kStep);
        if (!page) return std::unexpected(page.error());
        for (const Person& person : *page)
            if (auto put = unit.put_person(person); !put) return put;
        report_.persons += page->size();
        if (page->size() < kStep) return {};
        after = page->back().party.str();
    }
}

Result<void> Copying::finish() {
    if (hooks_.before_end)
        if (auto may = hooks_.before_end(); !may) return may;
    auto unit = to_.begin();
    if (!unit) return std::unexpected(unit.error());
    if (auto done = copy_persons(**unit); !done) return done;
    const auto states = from_.source_states();
    if (!states) return std::unexpected(states.error());
    for (const SourceState& state : *states)
        if (auto put = (*unit)->put_source_state(state); !put) return put;
    const auto rejects = from_.rejects("", kNoLimit);
    if (!rejects) return std::unexpected(rejects.error());
    for (const RejectRow& reject : *rejects)
        if (auto put = (*unit)->put_reject(reject); !put) return put;
    const auto access = from_.access_rows();
    if (!access) return std::unexpected(access.error());
    for (const AccessRow& row : *access)
        if (auto put = (*unit)->put_access(row); !put) return put;
    report_.source_states = states->size();
    report_.rejects = rejects->size();
    for (const StoredCheckpoint& checkpoint : last_checkpoints_)
        if (auto put = (*unit)->put_checkpoint(checkpoint); !put) return put;
    if (auto cleared = (*unit)->clear_reject(mark().source, mark().query, mark().key); !cleared) return cleared;
    return (*unit)->commit();
}

Result<void> Copying::compare_read_models() {
    const auto target = to_.read();
    if (!target) return std::unexpected(target.error());
    const auto original = from_.read_model_digest();
    if (!original) return std::unexpected(original.error());
    const auto copied = (*target)->read_model_digest();
    if (!copied) return std::unexpected(copied.error());
    report_.read_models_equal = *original == *copied;
    return {};
}

}  // namespace

Result<StoreCopyReport> copy_store(ReadSnapshot& from, Store& to, const StoreCopyHooks& hooks) { return Copying{from, to, hooks}.run(); }

}  // namespace stemma::engine
