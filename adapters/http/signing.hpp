// Electronic signatures over HTTP: a command that has to be signed is answered by 428 with the digest to sign; the same request with the
// header `Stemma-Signature` goes on, or waits for a second person and is answered by 202. The header holds base64 of a JSON object: user,
// secret (the password, again), meaning, reason, digest.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/http/api.hpp"

namespace stemma::http {

/// A command as it is looked up among those that have to be signed.
struct Signable {
    Act act{Act::events_record};
    std::string workflow{};  ///< of a case's step
    std::string step{};
    engine::ToSign what;
};

/// Whether it is worth looking closer: some rule names this command.
[[nodiscard]] bool may_need_signature(const Api& api, Act act);

/// The answer where the command does not go on: not signed (428), signed wrongly, waiting for a second person (202). Nothing: it goes on
/// with `signatures`, which stay empty where none is asked for.
[[nodiscard]] std::optional<Response> take_signatures(Api& api, const Request& request, const Signable& command,
                                                      std::vector<ElectronicSignature>& signatures);

/// Asks for the signatures of a command that is no entry's body, and puts them into the ledger as an entry of their own, "signed", in front
/// of what the command changes. Nothing: it goes on.
[[nodiscard]] std::optional<Response> take_signed_words(Api& api, const Request& request, Act act,
                                                        const std::vector<std::pair<std::string, std::string>>& words);

/// What is signed of a command that is not the body of an entry: its words as JSON, with their digest. `words`: name and value each.
[[nodiscard]] engine::ToSign words_to_sign(Act act, const std::vector<std::pair<std::string, std::string>>& words);

/// The answer that asks for a signature.
[[nodiscard]] Response signature_needed(const engine::ToSign& what, Act act, const std::vector<std::string>& meanings, bool second_person);

/// The offer of the header `Stemma-Signature`. Errors: Errc::invalid_input.
[[nodiscard]] Result<engine::Offer> read_offer(const Request& request);

/// A problem, with the time to wait where there is one.
[[nodiscard]] Response problem_with_wait(const Error& error, std::uint64_t wait_seconds);

}  // namespace stemma::http
