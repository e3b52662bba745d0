// Signatures and the commands that wait for a second one: the part of AccessDesk that 21 CFR Part 11 asks for.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"
#include "core/engine/access.hpp"

namespace stemma::engine {
namespace {

constexpr std::size_t kApprovalIdBytes = 4;
constexpr std::size_t kReasonBytesMax = 1024;

std::unexpected<Error> not_waiting(const std::string& id) {
    return fail(Errc::not_found, fmt::format("no command '{}' waits for a second person", clip(id)), {},
                "it was decided, or its time is over: stemma approval list");
}

SystemChange said_of(const Approval& approval, std::string how) {
    SystemChange said{std::string{kAccess}, std::move(how), {{"approval", approval.id}, {"command", std::string{to_string(approval.act)}}}};
    said.details["digest"] = approval.signature.digest;
    said.details["proposedBy"] = approval.user;
    return said;
}

}  // namespace

bool AccessDesk::signs(Act act) const { return std::ranges::find(signing_, act, &SigningRule::act) != signing_.end(); }

const SigningRule* AccessDesk::signing_rule(Act act, const std::string& workflow, const std::string& step) const {
    const auto applies = [&](const SigningRule& rule) {
        return rule.act == act && (rule.workflow.empty() || rule.workflow == workflow) && (rule.step.empty() || rule.step == step);
    };
    const auto found = std::ranges::find_if(signing_, applies);
    return found == signing_.end() ? nullptr : &*found;
}

Result<ElectronicSignature> AccessDesk::sign(const Identity& who, const Offer& offer, const ToSign& what,
                                             const std::vector<std::string>& meanings, const std::string& from,
                                             std::uint64_t& wait_seconds) {
    if (offer.digest != what.digest)
        return fail(Errc::conflict, "what was shown to be signed is not what was sent", "/digest",
                    fmt::format("the digest of this command is {}", what.digest));
    if (std::ranges::find(meanings, offer.meaning) == meanings.end())
        return fail(Errc::invalid_input, fmt::format("a signature may not mean '{}' here", clip(offer.meaning)), "/meaning",
                    fmt::format("it may mean {}", fmt::join(meanings, ", ")));
    if (offer.reason.size() > kReasonBytesMax || !is_clean_utf8(offer.reason))
        return fail(Errc::invalid_input, fmt::format("a reason has at most {} bytes of clean text", kReasonBytesMax), "/reason");
    if (who.user.empty() && !who.anything)
        return fail(Errc::forbidden, fmt::format("{} cannot sign: only a person can", who.actor), {}, "sign in: stemma login NAME");
    if (!who.anything && offer.user != who.user)
        return fail(Errc::forbidden, fmt::format("{} cannot sign as '{}'", who.actor, clip(offer.user)), "/user");
    if (auto fits = check_phrase(offer.user, offer.phrase, from, wait_seconds); !fits) return std::unexpected(fits.error());
    return ElectronicSignature{offer.user, offer.meaning, offer.reason, clock_.now(), what.said, what.digest, {}};
}

Result<std::string> AccessDesk::propose(Approval approval, const By& by) {
    if (approval.body.size() > kApprovalBytesMax)
        return fail(Errc::too_large, fmt::format("a command that waits has at most {} bytes", kApprovalBytesMax), {}, "split it");
    approval.id = to_hex(random_bytes(kApprovalIdBytes));
    const auto done = run(by, [&](const AccessBook& now, Change& change) -> Result<void> {
        for (const Approval& other : now.approvals())
            if (other.expires_at <= clock_.now()) {
                change.removed.push_back(row_of(other));
                change.said.push_back(said_of(other, "approval_over"));
            }
        if (auto room = room_for_one(now); !room) return room;
        change.put.push_back(row_of(approval));
        change.said.push_back(said_of(approval, "proposed"));
        change.said.back().details["until"] = format_instant(approval.expires_at);
        change.said.back().details["meaning"] = approval.signature.meaning;
        return {};
    });
    if (!done) return std::unexpected(done.error());
    return approval.id;
}

Result<Approval> AccessDesk::waiting(const std::string& id) {
    const auto known = book();
    if (!known) return std::unexpected(known.error());
    const Approval* approval = (*known)->approval(id);
    if (approval == nullptr || approval->expires_at <= clock_.now()) return not_waiting(id);
    return *approval;
}

Result<void> AccessDesk::end_approval(const std::string& id, const char* how, const By& by) {
    return run(by, [&](const AccessBook& now, Change& change) -> Result<void> {
        const Approval* approval = now.approval(id);
        if (approval == nullptr) return not_waiting(id);
        change.removed.push_back(row_of(*approval));
        change.said.push_back(said_of(*approval, how));
        return {};
    });
}

Result<Identity> AccessDesk::proposer(const Approval& approval) {
    const auto known = book();
    if (!known) return std::unexpected(known.error());
    const Account* account = (*known)->account(approval.user);
    Identity who{"user:" + approval.user, approval.user, {}, account != nullptr ? account->roles : RoleSet{}};
    if (account == nullptr || account->disabled || !may(who, approval.act))
        return fail(Errc::forbidden, fmt::format("{}, who proposed it, may not {} any more", who.actor, to_string(approval.act)));
    return who;
}

}  // namespace stemma::engine
