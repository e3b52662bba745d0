// Cases: workflows with a life of their own (RMA, claim, hold), kept as a stream of case events in the ledger.
// The state is never stored as truth: it is the fold of the case's events by its workflow plugin.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/domain/electronic_signature.hpp"
#include "core/domain/ids.hpp"
#include "core/domain/master.hpp"

namespace stemma {

/// One step of a case, as the workflow plugin wrote it.
struct CaseEvent {
    CaseId case_id;
    std::string workflow;      ///< "rma"
    std::uint64_t version{0};  ///< 1 for the opening event, then one more each; a command names the version it saw
    std::string type;          ///< "opened", "authorised" ...
    ItemId item;               ///< what the case is about
    Attributes fields;         ///< all named values of the case after this step, as the workflow folded them
    std::string state;         ///< the state after this event, as the workflow folded it
    std::string command{};     ///< the command that this step came of; empty in entries from before commands were kept
    Attributes given{};        ///< the fields that the command was given
    friend bool operator==(const CaseEvent&, const CaseEvent&) = default;
};

/// A case as it stands.
struct CaseState {
    CaseId case_id;
    std::string workflow;
    std::uint64_t version{0};
    std::string state;
    ItemId item;
    Attributes fields;  ///< as the workflow folded them
    friend bool operator==(const CaseState&, const CaseState&) = default;
};

/// A command to a case: open, or one of the workflow's commands.
struct CaseCommand {
    CaseId case_id;            ///< empty to open a new one
    std::string workflow;      ///< needed to open
    std::string name;          ///< "open", "authorise", "receive" ...
    ItemId item;               ///< needed to open
    std::uint64_t version{0};  ///< the version the caller saw; 0 = whatever it is now
    Attributes fields;
    std::string key{};                              ///< idempotency key chosen by the caller, or "" for none
    std::vector<ElectronicSignature> signatures{};  ///< where the step has to be signed
};

}  // namespace stemma
