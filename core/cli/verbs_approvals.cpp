// approval: list, approve, reject: commands that were signed and wait for a second person.
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

std::string approvals_text(const Json& answer, const Look& look) {
    std::string out;
    for (const Json& approval : list_at(answer, "approvals"))
        out += heading(look, fmt::format("{}: {}", text_at(approval, "approval"), text_at(approval, "command"))) +
               Facts{}
                   .add("proposed by", text_at(approval, "proposedBy"))
                   .add("means", text_at(approval, "meaning"))
                   .add("reason", text_at(approval, "reason"))
                   .add("waits until", text_at(approval, "until"))
                   .add("request", fmt::format("{} {}", text_at(approval, "method"), text_at(approval, "path")))
                   .add("body", text_at(approval, "body"))
                   .add("digest", text_at(approval, "digest"))
                   .text(look) +
               '\n';
    return out.empty() ? "Nothing waits for a second person.\n" : out;
}

ExitCode decide(Session& session, const char* decision, const char* done) {
    boost::json::object body{{"decision", decision}};
    if (!session.call().reason.empty()) body["reason"] = session.call().reason;
    return session.show(post(api_path("approvals/", session.call().subject), boost::json::serialize(body)),
                        [&](const Json&) { return fmt::format("{} was {}.\n", session.call().subject, done); });
}

}  // namespace

ExitCode approval_list(Session& session) {
    return session.show(get("/api/v1/approvals"), [&](const Json& answer) { return approvals_text(answer, session.look()); });
}

ExitCode approval_approve(Session& session) { return decide(session, "approve", "approved and carried out"); }
ExitCode approval_reject(Session& session) { return decide(session, "reject", "rejected"); }

}  // namespace stemma::cli
