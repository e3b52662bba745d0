// An electronic signature as 21 CFR Part 11 subpart B and C have it: who signed what, when, and what the signing means. Stands inside the
// bytes of the entry it belongs to, so that neither can be cut out and put elsewhere (11.70).
#pragma once

#include <string>

#include "core/base/time.hpp"

namespace stemma {

struct ElectronicSignature {
    std::string user;     ///< "ada": the account that gave its password again (11.200); its printed name is kept beside the ledger (11.50)
    std::string meaning;  ///< "approval", "review", "responsibility", "authorship"
    std::string reason;   ///< in the signer's words; may be empty
    Instant at;           ///< when it was signed
    std::string said;     ///< what was signed, where that is not the entry's own body: a command in words of JSON
    std::string digest;   ///< hex SHA-256 of `said`, or of the body as it stands in the entry
    std::string command;  ///< hex SHA-256 over the digests of all entries of the command, a line each; "" where it has one alone
    friend bool operator==(const ElectronicSignature&, const ElectronicSignature&) = default;
};

}  // namespace stemma
