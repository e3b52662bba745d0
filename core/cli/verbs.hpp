// Every verb as a function of a session; verb_of() finds it by its path. A file per noun.
#pragma once

#include <string_view>

#include "core/cli/session.hpp"

namespace stemma::cli {

using Verb = ExitCode (*)(Session&);

/// Null for a path that is no verb.
[[nodiscard]] Verb verb_of(std::string_view path) noexcept;

// Setting up and looking after a Stemma.
ExitCode init(Session& session);
ExitCode serve(Session& session);
ExitCode status(Session& session);
ExitCode doctor(Session& session);
ExitCode config_check(Session& session);
ExitCode config_show(Session& session);

ExitCode backup(Session& session);
ExitCode verify(Session& session);
ExitCode restore(Session& session);

ExitCode store_copy(Session& session);

ExitCode erp_check(Session& session);
ExitCode erp_preview(Session& session);
ExitCode erp_sync(Session& session);
ExitCode erp_rejects(Session& session);
ExitCode erp_grants(Session& session);
ExitCode erp_map(Session& session);
ExitCode erp_audit(Session& session);
ExitCode erp_meetings(Session& session);
ExitCode erp_conflicts(Session& session);

ExitCode search(Session& session);
ExitCode item_show(Session& session);
ExitCode item_assess(Session& session);

ExitCode trace_back(Session& session);
ExitCode trace_forward(Session& session);
ExitCode trace_gaps(Session& session);
ExitCode trace_amounts(Session& session);
ExitCode recall_simulate(Session& session);
ExitCode recall_attribute(Session& session);

ExitCode event_show(Session& session);
ExitCode event_capture(Session& session);
ExitCode master_capture(Session& session);
/// A file of one record a line, to the route of its kind.
ExitCode capture_lines(Session& session, const char* path);
[[nodiscard]] bool has_lines(const Invocation& call);

ExitCode ledger_head(Session& session);
ExitCode ledger_verify(Session& session);
ExitCode ledger_rebuild(Session& session);
ExitCode ledger_show(Session& session);
ExitCode ledger_proof(Session& session);
ExitCode replay(Session& session);
ExitCode report_list(Session& session);
ExitCode report_run(Session& session);

ExitCode rule_list(Session& session);
ExitCode rule_explain(Session& session);
ExitCode number_check(Session& session);

ExitCode case_list(Session& session);
ExitCode case_show(Session& session);
ExitCode case_open(Session& session);
ExitCode case_do(Session& session);

ExitCode login(Session& session);
ExitCode logout(Session& session);
ExitCode whoami(Session& session);
ExitCode user_add(Session& session);
ExitCode user_list(Session& session);
ExitCode user_disable(Session& session);
ExitCode user_enable(Session& session);
ExitCode user_passwd(Session& session);
ExitCode user_role(Session& session);
ExitCode user_name(Session& session);
ExitCode approval_list(Session& session);
ExitCode approval_approve(Session& session);
ExitCode approval_reject(Session& session);
ExitCode token_new(Session& session);
ExitCode token_list(Session& session);
ExitCode token_revoke(Session& session);

ExitCode plugin_list(Session& session);
ExitCode plugin_info(Session& session);
ExitCode plugin_check(Session& session);
ExitCode plugin_enable(Session& session);
ExitCode plugin_disable(Session& session);
ExitCode plugin_reload(Session& session);

}  // namespace stemma::cli
