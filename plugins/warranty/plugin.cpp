// Assessment "warranty": asks for an item's milestones, repairs and replacements, and says on which days it is covered, by which policy and
// why. The reckoning is timeline.cpp's; here facts become its values and its values become answers.
#include <algorithm>
#include <array>
#include <stdexcept>

#include "plugins/warranty/policy_file.hpp"
#include "plugins/warranty/timeline.hpp"
#include "stemma/plugin/sdk.hpp"

namespace {

namespace sdk = stemma::sdk;
namespace warranty = stemma::warranty;

constexpr std::string_view kSchema = R"json({
"$schema": "http://json-schema.org/draft-07/schema#",
"description": "The policies come from data files of the kind warranty_policies; there is nothing else to set.",
"type": "object",
"additionalProperties": false
})json";

constexpr const char* kPolicyKind = "warranty_policies";
constexpr std::size_t kBuyersMax = 100;  // parties of one item whose kind is asked for

std::string text_in(const sdk::Table& table, std::size_t row, std::string_view column) {
    return std::string(table.at(row, column).text_or(""));
}

/// Whether a day alone is known of that moment: item.repairs and item.replacements do not say it, the milestone of the same moment does.
bool is_date_only(const warranty::Unit& unit, std::string_view kind, std::int64_t us) {
    return std::ranges::any_of(unit.milestones,
                               [&](const warranty::Milestone& m) { return m.at.us == us && m.kind == kind && m.at.date_only; });
}

void read_milestones(const sdk::Table& table, warranty::Unit& unit) {
    for (std::size_t i = 0; i < table.rows(); ++i)
        unit.milestones.push_back({text_in(table, i, "kind"),
                                   {table.at(i, "time").as_time_us(), table.at(i, "date_only").as_flag()},
                                   text_in(table, i, "party"),
                                   text_in(table, i, "market")});
}

void read_repairs(const sdk::Table& table, warranty::Unit& unit) {
    for (std::size_t i = 0; i < table.rows(); ++i) {
        const std::int64_t started = table.at(i, "started").as_time_us();
        warranty::Repair repair{{started, is_date_only(unit, "repair_started", started)}, {}, text_in(table, i, "case")};
        if (const sdk::Cell ended = table.at(i, "ended"); !ended.is_null())
            repair.ended = warranty::Moment{ended.as_time_us(), is_date_only(unit, "repair_ended", ended.as_time_us())};
        unit.repairs.push_back(std::move(repair));
    }
}

void read_swaps(const sdk::Table& table, warranty::Unit& unit) {
    for (std::size_t i = 0; i < table.rows(); ++i) {
        const bool replaces = table.at(i, "direction").as_text() == "replaces";
        const std::int64_t at = table.at(i, "time").as_time_us();
        unit.swaps.push_back({replaces, text_in(table, i, "item"), {at, is_date_only(unit, replaces ? "replaces" : "replaced_by", at)}});
    }
}

void read_attributes(const sdk::Table& table, warranty::Unit& unit) {
    for (std::size_t i = 0; i < table.rows(); ++i) unit.attributes[text_in(table, i, "name")] = text_in(table, i, "value");
}

struct UnitFact {
    const char* name;
    void (*read)(const sdk::Table&, warranty::Unit&);
};
constexpr std::array<UnitFact, 4> kUnitFacts{{{"item.milestones", read_milestones},
                                              {"item.repairs", read_repairs},
                                              {"item.replacements", read_swaps},
                                              {"item.attributes", read_attributes}}};

/// The unit as far as its facts are there; nothing before they are.
std::optional<warranty::Unit> unit_from(const sdk::Input& input, const std::string& item) {
    warranty::Unit unit;
    unit.item = item;
    for (const UnitFact& one : kUnitFacts) {
        const auto fact = input.find_fact(one.name, {item});
        if (!fact) return std::nullopt;
        one.read(*fact, unit);
    }
    return unit;
}

/// The unit that this one took the place of, the newest where there are several.
std::string replaced_by(const warranty::Unit& unit) {
    const warranty::Swap* newest = nullptr;
    for (const warranty::Swap& swap : unit.swaps)
        if (swap.replaces && (newest == nullptr || swap.at.us >= newest->at.us)) newest = &swap;
    return newest == nullptr ? std::string{} : newest->item;
}

sdk::Value day_value(const std::optional<warranty::Day>& day) {
    return day ? sdk::Value::text(warranty::to_text(*day)) : sdk::Value::null(sdk::Type::text);
}

const std::vector<sdk::Column>& timeline_columns() {
    using enum sdk::Type;
    static const std::vector<sdk::Column> kColumns{{"subject", text, true}, {"side", text, true},  {"from", text},
                                                   {"last_day", text},      {"state", text, true}, {"policy", text},
                                                   {"basis", text},         {"reason", text},      {"citation", text}};
    return kColumns;
}

sdk::AnswerTable timeline_table(const std::vector<warranty::Segment>& segments) {
    sdk::AnswerTable out{"timeline", timeline_columns()};
    out.rows.reserve(segments.size());
    for (const warranty::Segment& s : segments)
        out.rows.push_back({sdk::Value::text(s.subject), sdk::Value::text(to_string(s.side)), day_value(s.from), day_value(s.last),
                            sdk::Value::text(to_string(s.state)), sdk::Value::text(s.policy), sdk::Value::text(s.basis),
                            sdk::Value::text(s.reason), sdk::Value::text(s.citation)});
    return out;
}

struct Warranty final : sdk::Assessment {
    explicit Warranty(const sdk::Config& config) {
        for (const sdk::DataFile& file : config.files()) warranty::read_policies(file.name, file.content, policies_);
    }

    [[nodiscard]] sdk::AssessmentKind assessment_kind() const override {
        using enum sdk::Type;
        return {"warranty",
                "Whether an item is in warranty, until when, by which policy and why",
                {{"status", text, true},
                 {"until", text},
                 {"remaining_days", int64},
                 {"policy", text},
                 {"citation", text},
                 {"basis", text},
                 {"start", text},
                 {"presumed_at_delivery", boolean},
                 {"presumed_until", text},
                 {"supplier_claim", text},
                 {"supplier_until", text},
                 {"supplier_policy", text},
                 {"repairs", int64},
                 {"open_cases", int64},
                 {"open_recall", boolean}},
                {timeline_table({})}};
    }

    [[nodiscard]] std::vector<sdk::FactRequest> facts_to_assess(const sdk::Input& input) const override {
        std::vector<sdk::FactRequest> wanted;
        const auto want = [&](const char* fact, const std::string& arg) {
            if (!input.find_fact(fact, {arg})) wanted.push_back({fact, {arg}});
        };
        std::string item(input.table("item").at(0, "item").as_text());
        want("item.product", item);
        want("item.as_maintained", item);
        want("case.open", item);
        std::size_t buyers = 0;
        for (std::size_t depth = 0; depth < warranty::kChainMax && !item.empty(); ++depth) {
            for (const UnitFact& fact : kUnitFacts) want(fact.name, item);
            const auto unit = unit_from(input, item);
            if (!unit) break;
            // In the last round the buyers of the last unit are not asked for any more: they would come too late.
            for (const warranty::Milestone& milestone : unit->milestones)
                if (!milestone.party.empty() && milestone.kind != "received" && depth + 1 < warranty::kChainMax && ++buyers <= kBuyersMax)
                    want("party.attributes", milestone.party);
            item = replaced_by(*unit);
        }
        std::ranges::sort(wanted, {}, [](const sdk::FactRequest& r) { return std::pair(r.fact, r.args); });
        const auto twice = std::ranges::unique(wanted, [](const auto& a, const auto& b) { return a.fact == b.fact && a.args == b.args; });
        wanted.erase(twice.begin(), twice.end());
        return wanted;
    }

    [[nodiscard]] sdk::Assessed assess(const sdk::Input& input) const override {
        const std::string item(input.table("item").at(0, "item").as_text());
        if (policies_.empty())
            return {false,
                    {{"status", sdk::Value::text("undecided")}},
                    {{"warranty.no_policies", "no policies were given to the plugin warranty"}}};
        auto facts = facts_from(input, item);
        if (!facts)
            return {false, {{"status", sdk::Value::text("undecided")}}, {{"warranty.no_fact", "what happened to the item was not told"}}};
        const warranty::Answer answer = warranty::assess(policies_, *facts);
        sdk::Assessed out;
        out.decided = answer.verdict.decided;
        add_verdict(out, answer.verdict);
        add_claim(out, answer);
        out.answers.push_back({"repairs", sdk::Value::integer(static_cast<std::int64_t>(facts->chain.front().repairs.size()))});
        out.answers.push_back({"open_cases", sdk::Value::integer(facts->open_cases)});
        out.answers.push_back({"open_recall", sdk::Value::flag(facts->open_recall)});
        out.tables.push_back(timeline_table(answer.timeline));
        return out;
    }

private:
    [[nodiscard]] static std::optional<warranty::Facts> facts_from(const sdk::Input& input, std::string item) {
        warranty::Facts facts;
        facts.as_of_us = input.as_of_us();
        const auto product = input.find_fact("item.product", {item});
        const auto parts = input.find_fact("item.as_maintained", {item});
        const auto cases = input.find_fact("case.open", {item});
        if (!product || !parts || !cases) return std::nullopt;
        if (product->rows() > 0) {
            facts.product = text_in(*product, 0, "product");
            facts.sku = text_in(*product, 0, "sku");
            facts.category = text_in(*product, 0, "category");
        }
        for (std::size_t i = 0; i < parts->rows(); ++i) {
            warranty::Component part{text_in(*parts, i, "component"),
                                     text_in(*parts, i, "product"),
                                     text_in(*parts, i, "sku"),
                                     {},
                                     text_in(*parts, i, "replaced")};
            if (const sdk::Cell at = parts->at(i, "installed_at"); !at.is_null()) part.installed = warranty::Moment{at.as_time_us(), false};
            facts.components.push_back(std::move(part));
        }
        facts.open_cases = static_cast<std::int64_t>(cases->rows());
        for (std::size_t i = 0; i < cases->rows(); ++i) facts.open_recall = facts.open_recall || text_in(*cases, i, "workflow") == "recall";
        while (!item.empty() && facts.chain.size() < warranty::kChainMax) {
            auto unit = unit_from(input, item);
            if (!unit) break;
            for (const warranty::Milestone& milestone : unit->milestones) add_buyer(facts, input, milestone.party);
            item = replaced_by(*unit);
            facts.chain.push_back(*std::move(unit));
        }
        if (facts.chain.empty()) return std::nullopt;
        return facts;
    }

    static void add_buyer(warranty::Facts& facts, const sdk::Input& input, const std::string& party) {
        const auto fact = party.empty() ? std::nullopt : input.find_fact("party.attributes", {party});
        if (!fact) return;
        for (std::size_t i = 0; i < fact->rows(); ++i)
            if (text_in(*fact, i, "name") == "kind") facts.buyer_kinds[party] = text_in(*fact, i, "value");
    }

    static void add_verdict(sdk::Assessed& out, const warranty::Verdict& verdict) {
        out.answers.push_back({"status", sdk::Value::text(verdict.decided ? to_string(verdict.state) : "undecided")});
        out.reasons.push_back({"warranty.verdict", verdict.why});
        if (verdict.until) {
            out.answers.push_back({"until", day_value(verdict.until)});
            out.answers.push_back({"remaining_days", sdk::Value::integer((*verdict.until - verdict.today).count())});
        }
        if (verdict.by == nullptr) return;
        out.answers.push_back({"policy", sdk::Value::text(verdict.by->policy->id)});
        out.answers.push_back({"citation", sdk::Value::text(verdict.by->policy->citation)});
        if (verdict.decided) {
            out.answers.push_back({"basis", sdk::Value::text(verdict.by->basis)});
            out.answers.push_back({"start", day_value(verdict.by->start)});
        }
        if (!verdict.presumed) return;
        out.answers.push_back({"presumed_at_delivery", sdk::Value::flag(*verdict.presumed)});
        out.answers.push_back({"presumed_until", day_value(verdict.presumed_to)});
    }

    /// The supplier's side, then the steps of every policy that was reckoned.
    static void add_claim(sdk::Assessed& out, const warranty::Answer& answer) {
        if (!answer.supplier.empty()) {
            out.answers.push_back({"supplier_claim", sdk::Value::text(answer.claim.decided ? to_string(answer.claim.state) : "undecided")});
            if (answer.claim.until) out.answers.push_back({"supplier_until", day_value(answer.claim.until)});
            if (answer.claim.by != nullptr) out.answers.push_back({"supplier_policy", sdk::Value::text(answer.claim.by->policy->id)});
            out.reasons.push_back({"warranty.claim", "towards the supplier: " + answer.claim.why});
        }
        for (const auto* side : {&answer.customer, &answer.parts, &answer.supplier})
            for (const warranty::Coverage& one : *side)
                for (const warranty::Reason& reason : one.reasons)
                    out.reasons.push_back({reason.code, side == &answer.parts ? one.subject + ", " + reason.text : reason.text});
    }

    std::vector<warranty::Policy> policies_;
};

}  // namespace

STEMMA_PLUGIN(Warranty, {.id = "org.stemma.warranty",
                         .version = "0.1.0",
                         .summary = "In or out of warranty, by policies that are data, as a timeline with reasons",
                         .options_schema = kSchema,
                         .facts = {"item.product", "item.as_maintained", "case.open", "item.milestones", "item.repairs",
                                   "item.replacements", "item.attributes", "party.attributes"},
                         .data_kinds = {kPolicyKind}});
