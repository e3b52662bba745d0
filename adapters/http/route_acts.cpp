#include "adapters/http/route_acts.hpp"

#include <array>

namespace stemma::http {
namespace {

struct Row {
    std::string_view method;
    std::string_view pattern;
    Act act;
};

constexpr std::array kRows{
    Row{"GET", "/health/live", Act::open},
    Row{"GET", "/health/ready", Act::open},
    Row{"GET", "/api/openapi.json", Act::open},
    Row{"GET", "/api/v1/roles", Act::open},
    Row{"POST", "/api/v1/login", Act::open},
    Row{"POST", "/api/v1/logout", Act::self},
    Row{"GET", "/api/v1/me", Act::self},
    Row{"POST", "/api/v1/me/password", Act::self},
    Row{"GET", "/api/v1/status", Act::status_read},
    Row{"GET", "/metrics", Act::metrics_read},
    Row{"GET", "/api/v1/search", Act::items_read},
    Row{"GET", "/api/v1/items", Act::items_read},
    Row{"GET", "/api/v1/items/{id}", Act::items_read},
    Row{"GET", "/api/v1/numbers/{scheme}", Act::items_read},
    Row{"GET", "/api/v1/items/{id}/assessments/{kind}", Act::items_assess},
    Row{"GET", "/api/v1/events", Act::events_read},
    Row{"GET", "/api/v1/events/{id}", Act::events_read},
    Row{"POST", "/api/v1/events", Act::events_record},
    Row{"POST", "/api/v1/master", Act::master_record},
    Row{"GET", "/api/v1/trace/{direction}", Act::trace_read},
    Row{"GET", "/api/v1/lineage/gaps", Act::trace_read},
    Row{"GET", "/api/v1/lineage/amounts", Act::trace_read},
    Row{"POST", "/api/v1/recalls/simulate", Act::recall_simulate},
    Row{"POST", "/api/v1/recalls/attribute", Act::recall_simulate},
    Row{"GET", "/api/v1/workflows", Act::cases_read},
    Row{"GET", "/api/v1/cases", Act::cases_read},
    Row{"GET", "/api/v1/cases/{case}", Act::cases_read},
    Row{"POST", "/api/v1/cases", Act::cases_act},
    Row{"POST", "/api/v1/cases/{case}/commands", Act::cases_act},
    Row{"GET", "/api/v1/rules", Act::rules_read},
    Row{"GET", "/api/v1/rules/{id}", Act::rules_read},
    Row{"GET", "/api/v1/plugins", Act::plugins_read},
    Row{"GET", "/api/v1/plugins/{name}", Act::plugins_read},
    Row{"POST", "/api/v1/plugins/reload", Act::plugins_reload},
    Row{"POST", "/api/v1/plugins/{name}/enable", Act::plugins_change},
    Row{"POST", "/api/v1/plugins/{name}/disable", Act::plugins_change},
    Row{"GET", "/api/v1/erp/sources", Act::erp_read},
    Row{"GET", "/api/v1/erp/sources/{source}", Act::erp_read},
    Row{"GET", "/api/v1/erp/sources/{source}/check", Act::erp_read},
    Row{"GET", "/api/v1/erp/sources/{source}/preview", Act::erp_read},
    Row{"GET", "/api/v1/erp/rejects", Act::erp_read},
    Row{"GET", "/api/v1/erp/audit", Act::erp_read},
    Row{"GET", "/api/v1/erp/meetings", Act::erp_read},
    Row{"GET", "/api/v1/erp/conflicts", Act::erp_read},
    Row{"POST", "/api/v1/erp/sources/{source}/sync", Act::erp_sync},
    Row{"POST", "/api/v1/erp/meetings", Act::erp_declare},
    Row{"GET", "/api/v1/ledger", Act::ledger_read},
    Row{"GET", "/api/v1/ledger/checkpoint", Act::ledger_read},
    Row{"GET", "/api/v1/ledger/entries/{sequence}", Act::ledger_read},
    Row{"GET", "/api/v1/ledger/entries/{sequence}/proof", Act::ledger_read},
    Row{"GET", "/api/v1/ledger/entries/{sequence}/replay", Act::ledger_read},
    Row{"GET", "/api/v1/ledger/replay", Act::ledger_read},
    Row{"GET", "/api/v1/ledger/consistency", Act::ledger_read},
    Row{"GET", "/api/v1/reports", Act::reports_run},
    Row{"GET", "/api/v1/reports/{name}", Act::reports_run},
    Row{"GET", "/api/v1/users", Act::access_read},
    Row{"GET", "/api/v1/tokens", Act::access_read},
    Row{"POST", "/api/v1/users", Act::access_change},
    Row{"POST", "/api/v1/users/{user}", Act::access_change},
    Row{"POST", "/api/v1/tokens", Act::access_change},
    Row{"POST", "/api/v1/tokens/{token}/revoke", Act::access_change},
    Row{"GET", "/api/v1/approvals", Act::approvals_read},
    Row{"POST", "/api/v1/approvals/{approval}", Act::approvals_decide},
};

}  // namespace

std::optional<Act> listed_act(std::string_view method, std::string_view pattern) noexcept {
    for (const Row& row : kRows)
        if (row.method == method && row.pattern == pattern) return row.act;
    return std::nullopt;
}

Act act_of(std::string_view method, std::string_view pattern) noexcept { return listed_act(method, pattern).value_or(Act::access_change); }

}  // namespace stemma::http
