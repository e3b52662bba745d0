// The appender's dealings with a database that other programs share and that can be away: the seat of the one writer, taking in what
// another wrote, waiting for the database, and finding out what a commit without an answer came to. Nothing is ever written on top of a
// ledger that was not read to its end under the seat.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/log.hpp"
#include "core/engine/append.hpp"

namespace stemma::engine {
namespace {

using Steady = std::chrono::steady_clock;

constexpr const char* kAgain = "send it again with its idempotency key";

bool is_away(const Result<void>& done) { return !done && done.error().code == Errc::unavailable; }

}  // namespace

Error standby_error(const WriterRole& role) {
    std::string why = fmt::format("this daemon is a standby: {} writes", role.holder);
    if (role.holder.empty())
        why = role.unfit.empty() ? "this daemon does not write: nobody has the writer's seat yet"
                                 : "this daemon does not write, it left the writer's seat to others: " + role.unfit;
    return {
        Errc::unavailable, std::move(why), {}, "send it there, or here again in a moment: a standby takes over when the writer is gone"};
}

WriterRole Appender::role() const {
    const std::lock_guard lock{trouble_mutex_};
    return role_;
}

void Appender::take_role(const Seat& seat) {
    const std::lock_guard lock{trouble_mutex_};
    const bool changes = seat.held != role_.writes || seat.holder != role_.holder;
    role_.writes = seat.held;
    role_.holder = seat.holder;
    if (seat.held) role_.unfit.clear();
    if (!changes) return;
    ++role_.changes;
    if (seat.held)
        log::info("STORE_SEAT_TAKEN", "this daemon writes the ledger from now on");
    else
        log::info("STORE_SEAT_ELSEWHERE", seat.holder.empty() ? "the writer's seat is taken; this daemon follows"
                                                              : fmt::format("{} writes the ledger; this daemon follows", seat.holder));
}

void Appender::note_behind(std::uint64_t entries) {
    const std::lock_guard lock{trouble_mutex_};
    role_.behind = entries;
}

/// The seat, and the ledger read to its end.
Result<void> Appender::be_ready() {
    if (!seat_known_) {
        if (Steady::now() < next_seat_) return std::unexpected(standby_error(role()));
        const auto seat = store_.take_seat();
        if (!seat) return std::unexpected(seat.error());
        if (!seat->held) {
            take_role(*seat);
            return std::unexpected(standby_error(role()));
        }
        if (seat->taken != seat_taken_) {
            if (auto settled = settle_in(); !settled) {
                if (settled.error().code != Errc::unavailable || ++seat_tries_ >= kSeatTriesMax) leave_seat(settled.error());
                return settled;
            }
            seat_taken_ = seat->taken;
            seat_tries_ = 0;
            seat_retry_.reset();
        }
        take_role(*seat);
        seat_known_ = true;
    }
    if (!outcome_unknown_) return {};
    if (auto loaded = load_locked(); !loaded) return loaded;
    outcome_unknown_ = false;
    return {};
}

/// Under a new seat: what is held before writing, and the ledger as another may have left it.
Result<void> Appender::settle_in() {
    outcome_unknown_ = true;
    if (check_ready_)
        if (auto checked = check_ready_(); !checked) return checked;
    if (auto loaded = load_locked(); !loaded) return loaded;
    outcome_unknown_ = false;
    return {};
}

/// A seat that cannot be used is another's to take; this program follows, and tries again after a pause.
void Appender::leave_seat(const Error& why) {
    store_.leave_seat();
    seat_known_ = false;
    seat_tries_ = 0;
    next_seat_ = Steady::now() + seat_retry_.next();
    const std::lock_guard lock{trouble_mutex_};
    if (role_.writes) ++role_.changes;
    role_.writes = false;
    role_.holder.clear();
    if (role_.unfit == why.text()) return;
    role_.unfit = why.text();
    log::warn("STORE_SEAT_LEFT", fmt::format("this daemon leaves the writer's seat to others: {}", role_.unfit));
}

/// A pause before the next try; false = the time is over, or Stemma ends. What comes before the next try is answered at once.
bool Appender::rest(Deadline until) {
    const std::chrono::microseconds pause = retry_.next();
    next_try_ = Steady::now() + pause;
    if (next_try_ >= until) return false;
    // The writer holds the mutex; nothing is under way, and who asks for a proof or a settled time must not wait for a database.
    mutex_.unlock();
    const bool goes_on = queue_.rest(pause);
    mutex_.lock();
    return goes_on;
}

Result<void> Appender::write_patiently(const WriterQueue::Group& group, Appending::Added& added) {
    const bool known_away = Steady::now() < next_try_;
    if (known_away) return fail(Errc::unavailable, "the store's database is away", {}, "send it again in a moment");
    const Deadline until = Steady::now() + patience_;
    while (true) {
        Reached reached{};
        Result<void> done = write_once(group, added, reached);
        if (done) retry_.reset();
        if (!is_away(done) || patience_.count() == 0 || !role().writes) return done;
        // What was carried out in part and taken back is not carried out a second time: its caller may.
        // Nor is what left no trace in the ledger by which it could be found: a cursor, a name.
        if (reached == Reached::work || (reached == Reached::commit && added.empty())) return done;
        if (reached == Reached::commit) {
            auto found = find_out(done.error(), until);
            if (!found) return found;
            // The mutex was given up meanwhile: what was asked as of a later time keeps its answer.
            newest_ = std::max(newest_.load(), added.back().second.recorded_at.us);
            if (keeper_) keeper_->note(head_.size());
            queue_.count_group(group, added.size(), true);
            return found;
        }
        if (!rest(until)) return done;
    }
}

/// After a commit without an answer: whether it took hold. Under the seat again, so that the old connection has ended in the server.
Result<void> Appender::find_out(const Error& lost, Deadline until) {
    while (true) {
        auto known = took_hold();
        if (known && *known) {
            retry_.reset();
            log::info("LEDGER_COMMIT_FOUND", fmt::format("the answer to a commit was lost; the ledger has its {} entries", expected_size_));
            return {};
        }
        if (known)
            return fail(Errc::unavailable, fmt::format("the commit did not take hold, and nothing was recorded: {}", lost.message),
                        lost.where, kAgain);
        if (known.error().code != Errc::unavailable) return std::unexpected(known.error());
        seat_known_ = false;
        if (!rest(until))
            return fail(Errc::unavailable,
                        fmt::format("the answer to a commit was lost, and whether it was recorded is not known yet: {}", lost.message),
                        lost.where, kAgain);
    }
}

Result<bool> Appender::took_hold() {
    if (auto ready = be_ready(); !ready) return std::unexpected(ready.error());
    if (head_.size() < expected_size_) return false;
    {
        const auto snapshot = store_.read();
        if (!snapshot) return std::unexpected(snapshot.error());
        const auto root = head_.tree().root(expected_size_, leaves_of(**snapshot));
        if (!root) return std::unexpected(root.error());
        if (*root != expected_root_) return false;
    }
    // On this server's disk; a commit that is acknowledged now says that it is on the standbys' as well.
    auto unit = store_.begin();
    if (!unit) return std::unexpected(unit.error());
    if (auto committed = (*unit)->commit(); !committed) return std::unexpected(committed.error());
    return true;
}

/// What another program wrote since this one looked last.
Result<void> Appender::tail() {
    std::uint64_t size = 0;
    {
        const auto snapshot = store_.read();
        if (!snapshot) return std::unexpected(snapshot.error());
        const auto there = (*snapshot)->size();
        if (!there) return std::unexpected(there.error());
        size = *there;
    }
    note_behind(size - std::min(size, index_.position()));
    if (size == head_.size() && !outcome_unknown_) return {};
    outcome_unknown_ = true;  // the head may be taken in, and then the reading cut
    if (auto loaded = load_locked(); !loaded) return loaded;
    outcome_unknown_ = false;
    note_behind(0);
    if (keeper_) keeper_->note(head_.size());
    return {};
}

Result<void> Appender::follow() {
    const std::lock_guard lock{mutex_};
    if (Steady::now() < next_try_) return {};
    seat_known_ = false;
    Result<void> done = be_ready();
    if (!done && !role().writes) done = tail();
    if (done)
        retry_.reset();
    else if (is_away(done))
        next_try_ = Steady::now() + retry_.next();
    note_trouble(done ? nullptr : &done.error(), false);
    return done;
}

}  // namespace stemma::engine
