#include "core/app/backup_loss.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/app/backup.hpp"
#include "core/app/backup_files.hpp"
#include "core/base/file.hpp"
#include "core/base/log.hpp"
#include "core/ledger/json_read.hpp"
#include "core/ledger/json_write.hpp"

namespace stemma::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLossBytesMax = 65'536;  ///< of the file

}  // namespace

std::string loss_text(const AcceptedLoss& loss) {
    json::Writer out;
    out.begin_object();
    out.number("size", loss.size);
    out.number("lostSize", loss.lost_size);
    out.field("lostRoot", loss.lost_root);
    out.field("lostCheckpoint", loss.lost_checkpoint);
    out.field("backupMadeAt", format_instant(loss.backup_made_at));
    out.field("actor", loss.actor);
    out.field("reason", loss.reason);
    out.end_object();
    return out.take() + "\n";
}

Result<AcceptedLoss> read_loss(std::string_view text) {
    const auto tree = json::parse(text, {});
    if (!tree) return std::unexpected(tree.error());
    json::Reading reading;
    json::Fields fields{reading, *tree};
    AcceptedLoss loss;
    fields.require("size");
    fields.read("size", loss.size);
    fields.require("lostSize");
    fields.read("lostSize", loss.lost_size);
    fields.need("lostRoot", loss.lost_root);
    fields.need("lostCheckpoint", loss.lost_checkpoint);
    fields.read("backupMadeAt", loss.backup_made_at);
    fields.read("actor", loss.actor);
    fields.read("reason", loss.reason);
    fields.done();
    if (reading.refused()) return std::unexpected(std::move(reading).error());
    return loss;
}

Result<void> record_accepted_loss(const fs::path& state_folder, std::uint64_t size, const RecordLoss& record) {
    const fs::path file = state_folder / kAcceptedLossFile;
    const auto text = read_small(file, kLossBytesMax);
    if (!text) return text.error().code == Errc::not_found ? Result<void>{} : std::unexpected(text.error());
    const auto loss = read_loss(*text);
    if (!loss) return fail(Errc::storage, loss.error().message, file, "a restore that accepted a loss wrote it; put it back from there");
    // Nothing can be recorded before this is: where the ledger has grown, this was its first new entry.
    if (size == loss->size) {
        SystemChange change{"ledger", "restored", {}};
        change.details = {{"entries", fmt::format("{}", loss->size)},
                          {"entriesSignedBefore", fmt::format("{}", loss->lost_size)},
                          {"lostRoot", loss->lost_root},
                          {"lostCheckpoint", loss->lost_checkpoint},
                          {"backupMadeAt", format_instant(loss->backup_made_at)}};
        if (!loss->reason.empty()) change.details["reason"] = loss->reason;
        const std::string actor = loss->actor.empty() ? "user:local" : fmt::format("user:{}", loss->actor);
        if (auto recorded = record(change, actor); !recorded) return recorded;
        log::warn("LEDGER_LOSS_RECORDED", fmt::format("a backup of {} entries was restored although {} had been signed; entry {} says so",
                                                      loss->size, loss->lost_size, loss->size));
    }
    if (::unlink(file.c_str()) != 0 || !sync_folder_of(file))
        return fail(Errc::storage, fmt::format("cannot be removed: {}", std::strerror(errno)), file);
    return {};
}

}  // namespace stemma::app
