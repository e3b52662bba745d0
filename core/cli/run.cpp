#include "core/cli/run.hpp"

#include <array>
#include <exception>
#include <ostream>
#include <utility>

#include "core/cli/verbs.hpp"

namespace stemma::cli {
namespace {

using NamedVerb = std::pair<std::string_view, Verb>;
constexpr std::array kVerbs{
    NamedVerb{"init", init},
    NamedVerb{"serve", serve},
    NamedVerb{"status", status},
    NamedVerb{"doctor", doctor},
    NamedVerb{"config check", config_check},
    NamedVerb{"config show", config_show},
    NamedVerb{"backup", backup},
    NamedVerb{"verify", verify},
    NamedVerb{"restore", restore},
    NamedVerb{"store copy", store_copy},
    NamedVerb{"erp check", erp_check},
    NamedVerb{"erp preview", erp_preview},
    NamedVerb{"erp sync", erp_sync},
    NamedVerb{"erp rejects", erp_rejects},
    NamedVerb{"erp grants", erp_grants},
    NamedVerb{"erp map", erp_map},
    NamedVerb{"erp audit", erp_audit},
    NamedVerb{"erp meetings", erp_meetings},
    NamedVerb{"erp conflicts", erp_conflicts},
    NamedVerb{"search", search},
    NamedVerb{"item show", item_show},
    NamedVerb{"item assess", item_assess},
    NamedVerb{"trace back", trace_back},
    NamedVerb{"trace forward", trace_forward},
    NamedVerb{"trace gaps", trace_gaps},
    NamedVerb{"trace amounts", trace_amounts},
    NamedVerb{"recall simulate", recall_simulate},
    NamedVerb{"recall attribute", recall_attribute},
    NamedVerb{"event show", event_show},
    NamedVerb{"event capture", event_capture},
    NamedVerb{"master capture", master_capture},
    NamedVerb{"ledger head", ledger_head},
    NamedVerb{"ledger verify", ledger_verify},
    NamedVerb{"ledger rebuild", ledger_rebuild},
    NamedVerb{"ledger show", ledger_show},
    NamedVerb{"ledger proof", ledger_proof},
    NamedVerb{"rule list", rule_list},
    NamedVerb{"rule explain", rule_explain},
    NamedVerb{"case list", case_list},
    NamedVerb{"case show", case_show},
    NamedVerb{"case open", case_open},
    NamedVerb{"case do", case_do},
    NamedVerb{"replay", replay},
    NamedVerb{"report list", report_list},
    NamedVerb{"report run", report_run},
    NamedVerb{"number check", number_check},
    NamedVerb{"login", login},
    NamedVerb{"logout", logout},
    NamedVerb{"whoami", whoami},
    NamedVerb{"user add", user_add},
    NamedVerb{"user list", user_list},
    NamedVerb{"user disable", user_disable},
    NamedVerb{"user enable", user_enable},
    NamedVerb{"user passwd", user_passwd},
    NamedVerb{"user role", user_role},
    NamedVerb{"user name", user_name},
    NamedVerb{"approval list", approval_list},
    NamedVerb{"approval approve", approval_approve},
    NamedVerb{"approval reject", approval_reject},
    NamedVerb{"token new", token_new},
    NamedVerb{"token list", token_list},
    NamedVerb{"token revoke", token_revoke},
    NamedVerb{"plugin list", plugin_list},
    NamedVerb{"plugin info", plugin_info},
    NamedVerb{"plugin check", plugin_check},
    NamedVerb{"plugin enable", plugin_enable},
    NamedVerb{"plugin disable", plugin_disable},
    NamedVerb{"plugin reload", plugin_reload},
};

ExitCode stop(const ParseStop& stop, Screen& screen) {
    if (!stop.failed) {
        screen.out << stop.text;
        return ExitCode::done;
    }
    const bool whole_help = stop.text.ends_with('\n');
    screen.err << (whole_help ? "" : "stemma: ") << stop.text << (whole_help ? "" : "\n");
    if (!stop.hint.empty()) screen.err << "  " << stop.hint << '\n';
    return ExitCode::usage;
}

}  // namespace

Verb verb_of(std::string_view path) noexcept {
    for (const auto& [name, verb] : kVerbs)
        if (name == path) return verb;
    return nullptr;
}

ExitCode run(const std::vector<std::string>& words, Screen screen, const Offline& offline, std::string_view program_version) {
    try {
        const auto call = parse(words, program_version);
        if (!call) return stop(call.error(), screen);
        if (call->no_color) screen.look.colour = screen.err_colour = false;
        Session session{*call, screen, offline};
        const ExitCode code = verb_of(call->verb)(session);
        screen.out.flush();
        if (screen.out) return code;
        screen.err << "stemma: the answer could not be written\n";
    } catch (const std::exception& bug) {
        screen.err << "stemma: a bug: " << bug.what() << '\n';
    }
    return ExitCode::broken;
}

}  // namespace stemma::cli
