// Workflow "rma": the four states of case.cpp behind the SDK. Asks for the item's numbers only when a unit is received.
#include <stdexcept>

#include "plugins/rma/case.hpp"
#include "stemma/plugin/sdk.hpp"

namespace {

namespace sdk = stemma::sdk;
namespace rma = stemma::rma;

constexpr const char* kIdentityFact = "item.identity";

std::string text_at(const sdk::Table& table, std::string_view column) { return std::string(table.at(0, column).text_or("")); }

rma::Question question_of(const sdk::Input& input) {
    const sdk::Table the_case = input.table("case");
    const sdk::Table command = input.table("command");
    rma::Question question{text_at(the_case, "state"), text_at(the_case, "item"), text_at(command, "name"), {}, {}};
    for (std::size_t i = 0; i < command.columns(); ++i)
        if (command.column_name(i) != "name" && !command.at(0, i).is_null())
            question.fields[std::string(command.column_name(i))] = command.at(0, i).as_text();
    return question;
}

struct Rma final : sdk::Workflow {
    explicit Rma(const sdk::Config&) {}

    [[nodiscard]] sdk::WorkflowKind workflow_kind() const override {
        sdk::WorkflowKind kind{"rma", "Return of an item: requested, authorised, received, closed", {}, {}, {}};
        for (const rma::Step& step : rma::kSteps) {
            kind.states.emplace_back(step.to);
            kind.transitions.push_back({std::string(step.from), std::string(step.command), std::string(step.to)});
        }
        for (const rma::CommandForm& form : rma::command_forms()) {
            sdk::Command command{std::string(form.name), std::string(form.summary), {}};
            for (const rma::CommandField& field : form.fields)
                command.fields.push_back({std::string(field.name), sdk::Type::text, field.required});
            kind.commands.push_back(std::move(command));
        }
        return kind;
    }

    [[nodiscard]] std::vector<sdk::FactRequest> facts_to_act(const sdk::Input& input) const override {
        const rma::Question question = question_of(input);
        if (!rma::needs_identities(question) || input.find_fact(kIdentityFact, {question.item})) return {};
        return {{kIdentityFact, {question.item}}};
    }

    [[nodiscard]] sdk::Acted act(const sdk::Input& input) const override {
        rma::Question question = question_of(input);
        if (rma::needs_identities(question)) {
            const auto fact = input.find_fact(kIdentityFact, {question.item});
            if (!fact) throw std::runtime_error("the item's numbers were not told, so the unit cannot be compared");
            for (std::size_t row = 0; row < fact->rows(); ++row)
                question.identities.push_back(
                    {std::string(fact->at(row, "scheme").text_or("")), std::string(fact->at(row, "value").text_or(""))});
        }
        const auto answer = rma::act(question);
        if (const auto* refusal = std::get_if<rma::Refusal>(&answer))
            return {{}, {{sdk::Severity::refuse, question.command, refusal->code, refusal->message, refusal->subject}}};
        const auto& event = std::get<rma::NewEvent>(answer);
        return {{{event.type, event.fields}}, {}};
    }

    [[nodiscard]] sdk::CaseState apply(const sdk::CaseState& before, const sdk::CaseEvent& event) const override {
        const auto state = rma::state_after(before.name, event.type);
        if (!state) throw std::runtime_error("event '" + event.type + "' cannot follow the state '" + before.name + "'");
        sdk::CaseState after{std::string(*state), before.fields};
        for (const auto& [name, value] : event.fields) after.fields[name] = value;
        return after;
    }
};

}  // namespace

STEMMA_PLUGIN(Rma, {.id = "org.stemma.rma",
                    .version = "0.1.0",
                    .summary = "Return of an item in four states, with a wrong-unit check",
                    .facts = {kIdentityFact}});
