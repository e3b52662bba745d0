// /plugins, /rules, /numbers: what is enabled, what it adds, and an administrator's changes to it.
#include <fmt/format.h>

#include <algorithm>

#include "adapters/http/api.hpp"
#include "adapters/http/signing.hpp"
#include "core/base/text.hpp"

namespace stemma::http {
namespace {

constexpr int kUnprocessable = 422;

/// The members of a plugin that is enabled.
void write_plugin(json::Writer& out, const PluginInfo& plugin) {
    out.field("name", plugin.name);
    out.field("id", plugin.id);
    out.field("version", plugin.version);
    out.field("summary", plugin.summary);
    write_texts(out, "capabilities", plugin.capabilities);
    write_texts(out, "offers", plugin.offers);
    out.field("sha256", plugin.binary_sha256);
    out.field("optionsSha256", plugin.options_sha256);
    out.field("dataSha256", plugin.data_sha256);
    write_flag(out, "enabled", true);
}

Result<std::string> list(Api& api, const Request&) {
    const auto set = api.engine.plugins();
    const auto available = api.engine.plugin_admin().available();
    if (!available) return std::unexpected(available.error());
    json::Writer out;
    out.begin_object();
    out.number("generation", set->generation());
    out.key("plugins");
    out.begin_array();
    for (const PluginInfo& plugin : set->plugins()) {
        out.begin_object();
        write_plugin(out, plugin);
        out.end_object();
    }
    for (const std::string& name : *available) {
        if (std::ranges::find(set->plugins(), name, &PluginInfo::name) != set->plugins().end()) continue;
        out.begin_object();
        out.field("name", name);
        write_flag(out, "enabled", false);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

Result<std::string> show(Api& api, const Request& request) {
    const auto set = api.engine.plugins();
    const std::string& name = request.argument("name");
    const auto found = std::ranges::find_if(set->plugins(), [&](const PluginInfo& p) { return p.name == name || p.id == name; });
    if (found == set->plugins().end())
        return fail(Errc::not_found, fmt::format("no enabled plugin is called '{}'", clip(name)), {}, "stemma plugin list shows all");
    json::Writer out;
    out.begin_object();
    write_plugin(out, *found);
    write_texts(out, "dataKinds", found->data_kinds);
    out.key("optionsSchema");
    out.raw(found->options_schema);
    out.end_object();
    return out.take();
}

/// A set that cannot be loaded as it was asked for is the request's fault, not the daemon's: the set in force goes on.
Response change_response(const Result<PluginChange>& change, bool dry_run) {
    if (!change && (change.error().code == Errc::config || change.error().code == Errc::plugin))
        return problem(change.error(), kUnprocessable);
    if (!change) return problem(change.error());
    json::Writer out;
    out.begin_object();
    write_flag(out, "dryRun", dry_run);
    write_texts(out, "added", change->added);
    write_texts(out, "removed", change->removed);
    write_texts(out, "changed", change->changed);
    if (!change->data_files.empty()) write_texts(out, "dataFiles", change->data_files);
    out.field("file", change->file);
    if (dry_run) out.field("text", change->text);
    out.number("generation", change->generation);
    out.end_object();
    return {200, "application/json", out.take(), {}};
}

Response change(Api& api, const Request& request, bool enable) {
    const auto actor = actor_of(request);
    if (!actor) return problem(actor.error());
    bool dry_run = false;
    PluginWish wish;
    if (!request.body.empty()) {
        auto read = read_object(request, [&](json::Reading&, json::Fields& fields) {
            fields.read("dryRun", dry_run);
            if (enable) fields.read("options", wish.options_yaml);
            if (enable) fields.read("data", wish.data);
        });
        if (!read) return problem(read.error());
    }
    PluginAdmin& admin = api.engine.plugin_admin();
    const std::string& name = request.argument("name");
    if (!dry_run) {
        const std::vector<std::pair<std::string, std::string>> words{{"plugin", name},
                                                                     {"change", enable ? "enable" : "disable"},
                                                                     {"options", wish.options_yaml},
                                                                     {"data", fmt::format("{}", fmt::join(wish.data, ", "))}};
        if (auto answer = take_signed_words(api, request, Act::plugins_change, words)) return *std::move(answer);
    }
    return change_response(enable ? admin.enable(name, wish, dry_run, *actor) : admin.disable(name, dry_run, *actor), dry_run);
}

Response reload(Api& api, const Request& request) {
    const auto actor = actor_of(request);
    if (actor)
        if (auto answer = take_signed_words(api, request, Act::plugins_reload, {})) return *std::move(answer);
    return actor ? change_response(api.engine.plugin_admin().reload(*actor), false) : problem(actor.error());
}

void write_rule(json::Writer& out, const Rules& rules, const RuleInfo& rule) {
    out.field("id", rule.id);
    out.field("title", rule.title);
    out.field("citation", rule.citation);
    out.field("severity", to_string(rule.severity));
    out.field("validFrom", rule.valid_from);
    out.field("validTo", rule.valid_to);
    out.field("plugin", fmt::format("{} {}", rules.plugin().id, rules.plugin().version));
}

Result<std::string> rules(Api& api, const Request&) {
    const auto set = api.engine.plugins();
    json::Writer out;
    out.begin_object();
    out.key("rules");
    out.begin_array();
    for (const Rules* pack : set->rules()) {
        for (const RuleInfo& rule : pack->rules()) {
            out.begin_object();
            write_rule(out, *pack, rule);
            out.end_object();
        }
    }
    out.end_array();
    out.end_object();
    return out.take();
}

Result<std::string> rule(Api& api, const Request& request) {
    const auto set = api.engine.plugins();
    std::vector<std::string> known;
    for (const Rules* pack : set->rules()) {
        for (const RuleInfo& info : pack->rules()) {
            known.push_back(info.id);
            if (info.id != request.argument("id")) continue;
            const auto words = pack->explain(info.id);
            if (!words) return std::unexpected(words.error());
            json::Writer out;
            out.begin_object();
            write_rule(out, *pack, info);
            out.field("inWords", *words);
            out.end_object();
            return out.take();
        }
    }
    return fail(Errc::not_found, fmt::format("there is no rule '{}'", clip(request.argument("id"))), {},
                did_you_mean(request.argument("id"), known));
}

Result<const NumberScheme*> find_scheme(const PluginSet& set, const std::string& name) {
    std::vector<std::string> names;
    for (const NumberScheme* scheme : set.schemes()) {
        if (scheme->name() == name) return scheme;
        names.push_back(scheme->name());
    }
    std::string hint = did_you_mean(name, names);
    if (hint.empty() && !names.empty()) hint = fmt::format("there is {}", fmt::join(names, ", "));
    return fail(Errc::not_found, fmt::format("no enabled plugin offers the scheme '{}'", clip(name)), {}, std::move(hint));
}

std::string_view to_string(NumberCheck::Outcome outcome) noexcept {
    switch (outcome) {
        case NumberCheck::Outcome::valid: return "valid";
        case NumberCheck::Outcome::valid_with_remarks: return "valid_with_remarks";
        case NumberCheck::Outcome::invalid: return "invalid";
    }
    return "invalid";
}

Result<std::string> check_number(Api& api, const Request& request) {
    const auto set = api.engine.plugins();
    const auto scheme = find_scheme(*set, request.argument("scheme"));
    if (!scheme) return std::unexpected(scheme.error());
    const std::string number = request.parameter("number").value_or("");
    const std::string_view view = number;
    const auto checked = (*scheme)->check(std::span{&view, 1});
    if (!checked) return std::unexpected(checked.error());
    const auto normal = (*scheme)->normalise(number);
    if (!normal) return std::unexpected(normal.error());
    const NumberCheck& check = checked->front();
    json::Writer out;
    out.begin_object();
    out.field("scheme", (*scheme)->name());
    out.field("number", number);
    out.field("normal", *normal);
    out.field("result", to_string(check.outcome));
    out.field("code", check.code);
    out.field("message", check.message);
    if (!check.code.empty()) {
        out.number("offset", check.offset);
        out.number("length", check.length);
    }
    if (check.outcome != NumberCheck::Outcome::invalid) {
        const auto sections = (*scheme)->decode(number);
        if (!sections) return std::unexpected(sections.error());
        out.list("sections", *sections, [&](const NumberSection& section) {
            out.begin_object();
            out.field("name", section.name);
            out.field("value", section.value);
            out.number("offset", section.offset);
            out.number("length", section.length);
            out.end_object();
        });
    }
    out.end_object();
    return out.take();
}

}  // namespace

void add_plugin_routes(Router& router, Api& api) {
    router.add({"GET", "/api/v1/plugins", {}, json_handler([&](const Request& r) { return list(api, r); })});
    router.add({"POST", "/api/v1/plugins/reload", {}, [&](const Request& r) { return reload(api, r); }});
    router.add({"GET", "/api/v1/plugins/{name}", {}, json_handler([&](const Request& r) { return show(api, r); })});
    router.add({"POST", "/api/v1/plugins/{name}/enable", {}, [&](const Request& r) { return change(api, r, true); }});
    router.add({"POST", "/api/v1/plugins/{name}/disable", {}, [&](const Request& r) { return change(api, r, false); }});
    router.add({"GET", "/api/v1/rules", {}, json_handler([&](const Request& r) { return rules(api, r); })});
    router.add({"GET", "/api/v1/rules/{id}", {}, json_handler([&](const Request& r) { return rule(api, r); })});
    router.add({"GET", "/api/v1/numbers/{scheme}", {"number"}, json_handler([&](const Request& r) { return check_number(api, r); })});
}

}  // namespace stemma::http
