// Commands that wait for a second person: listed as they were sent, approved with a second signature, or rejected.
#include <fmt/format.h>

#include "adapters/http/api.hpp"
#include "adapters/http/signing.hpp"
#include "core/base/text.hpp"
#include "core/engine/idempotency.hpp"

namespace stemma::http {
namespace {

void write_approval(json::Writer& out, const engine::Approval& approval) {
    out.begin_object();
    out.field("approval", approval.id);
    out.field("command", to_string(approval.act));
    out.field("digest", approval.signature.digest);
    out.field("proposedBy", approval.user);
    out.field("meaning", approval.signature.meaning);
    out.field("reason", approval.signature.reason);
    write_texts(out, "meanings", approval.meanings);
    out.field("proposedAt", format_instant(approval.proposed_at));
    out.field("until", format_instant(approval.expires_at));
    out.field("method", approval.method);
    out.field("path", approval.path);
    out.key("query");
    out.begin_object();
    for (const auto& [name, value] : approval.query) out.field(name, value);
    out.end_object();
    out.field("body", approval.body);
    out.end_object();
}

Result<std::string> list(Api& api, const Request&) {
    const auto book = api.access->book();
    if (!book) return std::unexpected(book.error());
    const engine::AccessBook& known = **book;
    json::Writer out;
    out.begin_object();
    out.key("approvals");
    out.begin_array();
    for (const engine::Approval& approval : known.approvals())
        if (approval.expires_at > api.access->now()) write_approval(out, approval);
    out.end_array();
    out.end_object();
    return out.take();
}

/// The request as it was proposed, with both signatures.
Request request_of(const engine::Approval& approval, Identity proposer, ElectronicSignature second, const Request& asked) {
    Request request;
    request.method = approval.method;
    request.path = approval.path;
    request.query = {approval.query.begin(), approval.query.end()};
    if (!approval.content_type.empty()) request.headers["content-type"] = approval.content_type;
    // Under a key of its own, so that an approval whose end was not recorded does not carry it out twice.
    request.headers["idempotency-key"] = approval.key.empty() ? "approval:" + approval.id : approval.key;
    request.body = approval.body;
    request.remote = asked.remote;
    request.cancel = asked.cancel;
    request.signatures = {approval.signature, std::move(second)};
    request.who = std::make_shared<const Identity>(std::move(proposer));
    return request;
}

Response approve(const Router& router, Api& api, const Request& request, const engine::Approval& approval) {
    const engine::ToSign what{approval.signature.said, approval.signature.digest};
    if (request.header("stemma-signature").empty()) return signature_needed(what, approval.act, approval.meanings, true);
    const auto offer = read_offer(request);
    if (!offer) return problem(offer.error());
    if (offer->user == approval.user) {
        api.access->note_refusal({request.who->actor, "approve one's own command", request.remote});
        return problem(
            {Errc::forbidden, fmt::format("{} signed it already: the second signature is another person's", approval.user), {}, {}});
    }
    std::uint64_t wait_seconds = 0;
    auto second = api.access->sign(*request.who, *offer, what, approval.meanings, request.remote, wait_seconds);
    if (!second) return problem_with_wait(second.error(), wait_seconds);
    auto proposer = api.access->proposer(approval);
    if (!proposer) return problem(proposer.error());
    Response response = router.handle(request_of(approval, *std::move(proposer), *std::move(second), request));
    if (response.status >= 400) return response;
    const auto ended = api.access->end_approval(approval.id, "approved", {"user:" + offer->user, offer->reason});
    return ended ? std::move(response) : problem(ended.error());
}

Response decide(const Router& router, Api& api, const Request& request) {
    std::string decision;
    std::string reason;
    auto read = read_object(request, [&](json::Reading& reading, json::Fields& fields) {
        fields.need("decision", decision);
        fields.read("reason", reason);
        if (!reading.refused() && decision != "approve" && decision != "reject")
            reading.refuse(fmt::format("'{}' is no decision", clip(decision)), "approve or reject", "decision");
    });
    if (!read) return problem(read.error());
    if (auto fine = engine::check_key_and_reason({}, reason, api.engine.limits().event); !fine) return problem(fine.error());
    const auto approval = api.access->waiting(request.argument("approval"));
    if (!approval) return problem(approval.error());
    if (!request.who)
        return problem({Errc::forbidden, "there is no user who could decide", {}, "stemma user add NAME --role administrator"});
    if (!may(*request.who, approval->act)) {
        api.access->note_refusal({request.who->actor, std::string{to_string(approval->act)}, request.remote});
        return problem({Errc::forbidden, fmt::format("{} may not {}", request.who->actor, to_string(approval->act)), {}, {}});
    }
    if (decision == "approve") return approve(router, api, request, *approval);
    if (auto ended = api.access->end_approval(approval->id, "rejected", {request.who->actor, reason}); !ended)
        return problem(ended.error());
    return {200, "application/json", fmt::format(R"({{"approval":{},"decision":"reject"}})", json_quote(approval->id)), {}};
}

}  // namespace

void add_approval_routes(Router& router, Api& api) {
    if (api.access == nullptr) return;
    router.add({"GET", "/api/v1/approvals", {}, json_handler([&](const Request& r) { return list(api, r); })});
    router.add({"POST", "/api/v1/approvals/{approval}", {}, [&](const Request& r) { return decide(router, api, r); }, {}, true});
}

}  // namespace stemma::http
