#include "adapters/erp/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "adapters/erp/sql_text.hpp"
#include "adapters/erp/suggest_master.hpp"
#include "core/base/text.hpp"
#include "core/config/tree.hpp"

namespace stemma::erp {
namespace {

constexpr std::size_t kNearlyMissingMax = 5;    ///< names that a mapping may lack and still be named as nearly fitting
constexpr std::size_t kFingerprintColumns = 4;  ///< of each table
constexpr std::size_t kLeftOutMax = 60;         ///< tables that are named as left out

std::size_t names_in(const Tables& tables) {
    std::size_t names = 0;
    for (const auto& [table, columns] : tables) names += 1 + columns.size();
    return names;
}

Result<void> check_name(const std::string& name) {
    const bool good = !name.empty() && name.size() <= 63 && std::isalnum(static_cast<unsigned char>(name.front())) != 0 &&
                      std::ranges::all_of(name, [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
                      });
    if (good) return {};
    return fail(Errc::invalid_input, fmt::format("'{}' is no name for a mapping", clip(name)), {},
                "lower-case letters, digits and . _ - such as acme-1");
}

std::string units_yaml(const Proposal& proposal) {
    std::string out = "units:\n";
    std::string open;
    std::size_t known = 0;
    for (const auto& [symbol, rows] : proposal.units) {
        const std::string_view code = unit_code(symbol);
        const bool writable = !symbol.empty() && is_clean_utf8(symbol);
        if (code.empty() || !writable) {
            open += yaml_comment(
                fmt::format("CHECK: {}: ???  (rows with it are rejected until its code stands here)", yaml_name(writable ? symbol : "?")),
                2);
            continue;
        }
        out += fmt::format("  {}: {}\n", yaml_name(symbol), code);
        ++known;
    }
    if (known == 0)
        out += "  # CHECK: no unit that is known was seen; these are a beginning\n  pcs: C62\n  kg: KGM\n  g: GRM\n  l: LTR\n  m: MTR\n";
    return out + open;
}

std::string head(const SuggestOrder& order, const Proposal& proposal) {
    std::string out;
    const auto say = [&](const std::string& text) { out += yaml_comment(text, 0); };
    say(fmt::format("A proposal for {}, made from the names of its tables and columns, their types, keys and references{}.", order.database,
                    order.sample ? fmt::format(", and from at most {} values each of kinds, states and units", kSampleValuesMax)
                                 : "; no value was looked at (--no-sample)"));
    say("It loads and its queries run, but names are guesses: read each query, and look first at what is marked CHECK. Then: stemma erp "
        "check, stemma erp preview. The language is described in adapters/erp/README.md.");
    for (const std::string& near : order.nearly) say("It is nearly what a mapping is made for: " + near);
    if (!proposal.left_out.empty()) say("Not found or left out, with the reason:");
    std::size_t shown = 0;
    for (const auto& [table, why] : proposal.left_out)
        if (shown++ < kLeftOutMax) say(fmt::format("- {}: {}", table, why));
    if (shown > kLeftOutMax) say(fmt::format("- and {} more", shown - kLeftOutMax));
    return out;
}

std::string whole(const SuggestOrder& order, const Proposal& proposal) {
    Tables used;
    for (const QueryText& query : proposal.queries)
        for (const auto& [table, columns] : query.tables()) {
            std::vector<std::string>& known = used[table];
            for (const std::string& column : columns)
                if (known.size() < kFingerprintColumns && std::ranges::find(known, column) == known.end()) known.push_back(column);
        }
    std::string out = head(order, proposal);
    out += fmt::format("mapping: {}\nerp: My ERP  # CHECK: its name, and below its version\nversion: \"1\"\n\nfingerprint:\n  tables:\n",
                       order.name);
    out += yaml_tables(used, 4) + '\n' + units_yaml(proposal) + "\nqueries:\n";
    for (const QueryText& query : proposal.queries) out += query.yaml() + '\n';
    out.pop_back();
    return out;
}

/// Queries that the database does not take are dropped, and named. Errors: Errc::internal where the mapping does not load.
Result<void> drop_refused(const SuggestOrder& order, Proposal& proposal) {
    const auto tree = config::read_yaml_text(whole(order, proposal), order.name + ".yaml");
    if (!tree) return std::unexpected(Error{Errc::internal, "the proposal is no YAML: " + tree.error().text(), {}, {}});
    const auto mapping = read_mapping(tree->root());
    if (!mapping) return std::unexpected(Error{Errc::internal, "the proposal does not load: " + mapping.error().front().text(), {}, {}});
    for (const MappedQuery& query : mapping->queries) {
        const std::string text = compose(*mapping, query, {}, {.since = {}, .ordered = true, .rows = 0, .engine = proposal.engine()});
        const auto tried = proposal.foreign.session->each({"erp.foreign.try", text.c_str()}, {}, [](const sql::Row&) {});  // LIMIT 0
        if (tried) continue;
        proposal.foreign.session->roll_back();
        const auto refused = std::ranges::find(proposal.queries, query.name, &QueryText::name);
        proposal.left_out.emplace_back(refused->main().table->name, "the database refuses its query: " + tried.error().message);
        proposal.queries.erase(refused);
    }
    return {};
}

}  // namespace

Recognised recognise(const Catalogue& catalogue, const std::vector<Mapping>& mappings) {
    Recognised recognised;
    std::vector<std::pair<std::size_t, KnownMapping>> fitting;
    for (const Mapping& mapping : mappings) {
        const Fit fit = compare(mapping, catalogue);
        const std::size_t names = names_in(tables_read(mapping, fit.absent));
        if (fit.ok())
            fitting.emplace_back(names, KnownMapping{mapping.name, mapping.erp, mapping.version});
        else if (fit.missing.size() <= kNearlyMissingMax && fit.missing.size() * 10 < names)
            recognised.nearly.push_back(
                fmt::format("{}: {}", mapping.name,
                            fit.mistaken ? *fit.mistaken : subject_of(fit.missing.front()) + ": " + message_of(fit.missing.front())));
    }
    std::ranges::sort(fitting,
                      [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second.name < b.second.name; });
    for (auto& [names, known] : fitting) recognised.fitting.push_back(std::move(known));
    return recognised;
}

Result<std::string> suggest(Foreign& foreign, const SuggestOrder& order) {
    if (auto good = check_name(order.name); !good) return std::unexpected(good.error());
    const Roles none;
    Proposal looking{foreign, none, order.sample, {}, {}, {}, {}};
    const auto kind_of = [](void* context, const ForeignTable& table, const ForeignColumn& column) {
        return static_cast<Proposal*>(context)->kind(table, column);
    };
    const Roles roles = RoleFinder{foreign, kind_of, &looking}.find();
    Proposal proposal{foreign, roles, order.sample, {}, {}, roles.left_out, std::move(looking.seen)};
    propose_products(proposal);
    propose_places(proposal);
    propose_parties(proposal);
    propose_lots(proposal);
    propose_movements(proposal);
    if (roles.movements.empty()) proposal.left_out.emplace_back("(movements)", "no table looks like goods that come, go or are made");
    if (proposal.queries.empty())
        return fail(Errc::not_found, fmt::format("nothing in {} tables looks like products, lots or movements", foreign.tables.size()), {},
                    "is it the ERP's database, and may the login SELECT its tables?");
    if (auto dropped = drop_refused(order, proposal); !dropped) return std::unexpected(dropped.error());
    return whole(order, proposal);
}

}  // namespace stemma::erp
