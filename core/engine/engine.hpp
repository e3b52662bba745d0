// The engine as its faces see it: one object that holds the pipeline's parts together. Made by core/app; all calls: any thread.
#pragma once

#include <string>
#include <vector>

#include "core/engine/append.hpp"
#include "core/engine/capture.hpp"
#include "core/engine/cases.hpp"
#include "core/engine/durability.hpp"
#include "core/engine/meetings.hpp"
#include "core/engine/query.hpp"
#include "core/engine/replay.hpp"
#include "core/engine/report.hpp"
#include "core/engine/sync_runner.hpp"
#include "core/lineage/index.hpp"
#include "core/ports/plugin_admin.hpp"

namespace stemma::engine {

/// References to parts that outlive the engine.
struct Parts {
    Store& store;
    Appender& appender;
    lineage::Index& index;
    const PluginCatalog& plugins;
    PluginAdmin& plugin_admin;
    const Clock& clock;
    SyncRunner& syncs;
    Limits limits;
    UndecidedPolicy undecided;
    const Durability& durability;
    MeetingDesk* meetings{nullptr};  ///< none: nothing meets
};

class Engine {
public:
    explicit Engine(const Parts& parts);

    [[nodiscard]] const Limits& limits() const noexcept { return parts_.limits; }
    [[nodiscard]] Result<std::unique_ptr<ReadSnapshot>> read() { return parts_.store.read(); }
    /// The same for answers from memory that ask the store for names alone: where it is away, a snapshot that knows none.
    [[nodiscard]] std::unique_ptr<ReadSnapshot> read_names();
    [[nodiscard]] lineage::Index& index() noexcept { return parts_.index; }
    [[nodiscard]] Appender& ledger() noexcept { return parts_.appender; }
    [[nodiscard]] const Durability& durability() const noexcept { return parts_.durability; }
    [[nodiscard]] SyncRunner& syncs() noexcept { return parts_.syncs; }
    [[nodiscard]] MeetingDesk& meetings() noexcept { return parts_.meetings != nullptr ? *parts_.meetings : no_meetings_; }
    [[nodiscard]] PluginAdmin& plugin_admin() noexcept { return parts_.plugin_admin; }
    [[nodiscard]] std::shared_ptr<const PluginSet> plugins() const { return parts_.plugins.current(); }
    [[nodiscard]] Instant now() const { return parts_.clock.now(); }
    [[nodiscard]] Result<std::string> describe_store() { return parts_.store.describe(); }

    [[nodiscard]] Result<Receipt> capture(Capture command) { return capturing_.capture(std::move(command)); }
    [[nodiscard]] Result<CaseReceipt> act(const CaseCommand& command, const std::string& actor, const std::string& reason) {
        return cases_.act(command, actor, reason);
    }
    [[nodiscard]] Result<std::vector<ReplayedJudgement>> replay(Sequence sequence, const ReplayOptions& options = {});
    /// A part of the entries [from, to). Errors: as replay_part().
    [[nodiscard]] Result<ReplayPart> replay_part(Sequence from, Sequence to, const ReplayOptions& options, const std::atomic<bool>* cancel);

    /// Asks an assessment plugin about an item as of a moment; facts as of the newest entry. Errors: Errc::not_found, Errc::plugin.
    struct Assessed {
        Judgement judgement;  ///< plugin, facts, position; its verdict says whether it was decided
        Answer answer;
    };
    [[nodiscard]] Result<Assessed> assess(const std::string& kind, const Item& item, Instant as_of);

    /// Makes a report of an enabled plugin, as of the newest entry. Errors: as find_report and run_report.
    [[nodiscard]] Result<ReportTable> report(const std::string& name, const ReportWish& wish);

    /// A person says that two ids are one, or are not. Errors: as MeetingDesk::declare.
    [[nodiscard]] Result<Meeting> declare_meeting(const std::string& first, const std::string& second, bool apart, const std::string& actor,
                                                  const std::string& reason);

    /// Records a change of what Stemma runs on. Errors: Errc::storage.
    [[nodiscard]] Result<void> record_change(const SystemChange& change, const std::string& actor,
                                             const std::vector<ElectronicSignature>& signatures = {});

private:
    Parts parts_;
    Capturing capturing_;
    CaseDesk cases_;
    MeetingDesk no_meetings_{{}};
};

}  // namespace stemma::engine
