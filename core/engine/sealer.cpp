#include "core/engine/sealer.hpp"

#include <utility>

#include "core/base/log.hpp"

namespace stemma::engine {

Sealer::Sealer(const CheckpointFile& file) : file_{file}, thread_{[this] { write(); }} {}

Sealer::~Sealer() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Sealer::put(std::string note) {
    {
        const std::lock_guard lock{mutex_};
        note_ = std::move(note);
    }
    changed_.notify_all();
}

void Sealer::flush() {
    std::unique_lock lock{mutex_};
    ++hurried_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !note_ && !writing_; });
    --hurried_;
}

std::string Sealer::trouble() const {
    const std::lock_guard lock{mutex_};
    return trouble_;
}

void Sealer::write() {
    std::unique_lock lock{mutex_};
    for (;;) {
        changed_.wait(lock, [&] { return stopping_ || note_.has_value(); });
        if (!note_) return;
        const std::string note = *std::exchange(note_, std::nullopt);
        writing_ = true;
        lock.unlock();
        const auto written = file_.write(note);
        if (!written) log::error("LEDGER_CHECKPOINT_FILE_FAILED", written.error().text());
        lock.lock();
        trouble_ = written ? "" : written.error().text();
        writing_ = false;
        changed_.notify_all();
        changed_.wait_for(lock, kSealPause, [&] { return stopping_ || hurried_ != 0; });
    }
}

}  // namespace stemma::engine
