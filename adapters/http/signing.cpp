#include "adapters/http/signing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/ledger/entry_codec.hpp"

namespace stemma::http {
namespace {

constexpr const char* kHeader = "stemma-signature";
constexpr std::size_t kOfferBytesMax = 8192;
constexpr const char* kHow =
    "send the same request with the header Stemma-Signature: base64 of {\"user\",\"secret\",\"meaning\",\"reason\",\"digest\"}; stemma: "
    "add --sign "
    "MEANING";

Error in_header(Error error) {
    error.where = "Stemma-Signature" + error.where;
    return error;
}

/// Kept until somebody else signs it too.
Response propose(Api& api, const Request& request, const Signable& command, const engine::SigningRule& rule,
                 ElectronicSignature signature) {
    engine::Approval approval;
    approval.act = command.act;
    approval.method = request.method;
    approval.path = request.path;
    approval.query = {request.query.begin(), request.query.end()};
    approval.content_type = request.header("content-type");
    approval.key = request.header("idempotency-key");
    approval.body = request.body;
    approval.user = signature.user;
    approval.meanings = rule.meanings;
    approval.proposed_at = signature.at;
    approval.expires_at = {signature.at.us + std::chrono::microseconds{rule.within}.count()};
    const std::string digest = signature.digest;
    const Instant until = approval.expires_at;
    approval.signature = std::move(signature);
    const engine::By by{"user:" + approval.user};
    const auto id = api.access->propose(std::move(approval), by);
    if (!id) return problem(id.error());
    json::Writer out;
    out.begin_object();
    out.field("approval", *id);
    out.field("command", to_string(command.act));
    out.field("digest", digest);
    out.field("until", format_instant(until));
    out.end_object();
    return {202, "application/json", out.take(), {}};
}

/// What a second person approved, if it is still what was signed.
std::optional<Response> take_approved(const Request& request, const Signable& command, std::vector<ElectronicSignature>& signatures) {
    const auto is_other = [&](const ElectronicSignature& one) { return one.digest != command.what.digest; };
    if (std::ranges::any_of(request.signatures, is_other))
        return problem({Errc::conflict, "the command is not the one that was signed", {}, "propose it again"});
    signatures = request.signatures;
    for (ElectronicSignature& signature : signatures) signature.said = command.what.said;
    return std::nullopt;
}

}  // namespace

bool may_need_signature(const Api& api, Act act) { return api.access != nullptr && api.access->signs(act); }

engine::ToSign words_to_sign(Act act, const std::vector<std::pair<std::string, std::string>>& words) {
    json::Writer out;
    out.begin_object();
    out.field("command", to_string(act));
    for (const auto& [name, value] : words) out.field(name, value);
    out.end_object();
    std::string said = out.take();
    std::string digest = to_hex(sha256(said));
    return {std::move(said), std::move(digest)};
}

Response problem_with_wait(const Error& error, std::uint64_t wait_seconds) {
    Response response = problem(error);
    if (wait_seconds != 0) response.headers["Retry-After"] = std::to_string(wait_seconds);
    if (response.status == 401) response.headers["WWW-Authenticate"] = R"(Bearer realm="stemma")";
    return response;
}

Response signature_needed(const engine::ToSign& what, Act act, const std::vector<std::string>& meanings, bool second_person) {
    Response response = problem(428, "signature_required", "Signature required", fmt::format("{} has to be signed", to_string(act)),
                                "Stemma-Signature", kHow);
    json::Writer out;
    out.begin_object();
    out.field("command", to_string(act));
    out.field("digest", what.digest);
    out.field("said", what.said);
    write_texts(out, "meanings", meanings);
    write_flag(out, "secondPerson", second_person);
    out.end_object();
    response.body.back() = ',';
    response.body += R"("sign":)" + out.take() + "}";
    return response;
}

Result<engine::Offer> read_offer(const Request& request) {
    const std::string_view header = request.header(kHeader);
    if (header.size() > kOfferBytesMax)
        return fail(Errc::invalid_input, fmt::format("a signature has at most {} bytes", kOfferBytesMax), "Stemma-Signature");
    const auto text = from_base64(header);
    if (!text) return fail(Errc::invalid_input, "the signature is not base64", "Stemma-Signature", kHow);
    const auto tree = json::parse(*text, JsonLimits{});
    if (!tree) return std::unexpected(in_header(tree.error()));
    engine::Offer offer;
    json::Reading reading;
    json::Fields fields{reading, *tree};
    fields.need("user", offer.user);
    fields.need("secret", offer.phrase);
    fields.need("meaning", offer.meaning);
    fields.read("reason", offer.reason);
    fields.need("digest", offer.digest);
    fields.done();
    if (reading.refused()) return std::unexpected(in_header(std::move(reading).error()));
    return offer;
}

std::optional<Response> take_signatures(Api& api, const Request& request, const Signable& command,
                                        std::vector<ElectronicSignature>& signatures) {
    if (api.access == nullptr) return std::nullopt;
    if (!request.signatures.empty()) return take_approved(request, command, signatures);
    const engine::SigningRule* rule = api.access->signing_rule(command.act, command.workflow, command.step);
    if (rule == nullptr) return std::nullopt;
    if (!request.who)
        return problem({Errc::forbidden,
                        fmt::format("{} has to be signed, and there is no user who could", to_string(command.act)),
                        {},
                        "add users: stemma user add NAME --role administrator; or take it out of access.sign in stemma.yaml"});
    if (request.header(kHeader).empty()) return signature_needed(command.what, command.act, rule->meanings, rule->second_person);
    const auto offer = read_offer(request);
    if (!offer) return problem(offer.error());
    std::uint64_t wait_seconds = 0;
    auto signature = api.access->sign(*request.who, *offer, command.what, rule->meanings, request.remote, wait_seconds);
    if (!signature) {
        if (signature.error().code == Errc::forbidden)
            api.access->note_refusal({request.who->actor, fmt::format("sign {}", to_string(command.act)), request.remote});
        return problem_with_wait(in_header(signature.error()), wait_seconds);
    }
    if (rule->second_person) return propose(api, request, command, *rule, *std::move(signature));
    signatures = {*std::move(signature)};
    return std::nullopt;
}

std::optional<Response> take_signed_words(Api& api, const Request& request, Act act,
                                          const std::vector<std::pair<std::string, std::string>>& words) {
    if (!may_need_signature(api, act)) return std::nullopt;
    std::vector<ElectronicSignature> signatures;
    if (auto answer = take_signatures(api, request, {act, {}, {}, words_to_sign(act, words)}, signatures)) return answer;
    const SystemChange change{std::string{kAccess}, "signed", {{"command", std::string{to_string(act)}}}};
    const auto actor = actor_of(request);
    if (!actor) return problem(actor.error());
    if (auto recorded = api.engine.record_change(change, *actor, signatures); !recorded) return problem(recorded.error());
    return std::nullopt;
}

}  // namespace stemma::http
