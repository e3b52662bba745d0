#include "plugins/rma/case.hpp"

#include <algorithm>
#include <utility>

namespace stemma::rma {
namespace {

constexpr std::string_view kItemField = "item";  // of receive: the number read off the unit in the box
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kMarks = " -./:_";            // between the groups of a number; the same as in Stemma's search
constexpr std::string_view kReceivedField = "received";  // of the event: the same; "item" is the case's own

const Step* step_of(std::string_view command) noexcept {
    const auto* it = std::ranges::find_if(kSteps, [&](const Step& s) { return s.command == command; });
    return it == kSteps.end() ? nullptr : it;
}

template <class List, class Name>
std::string names_of(const List& list, Name name) {
    std::string out;
    for (const auto& entry : list) out += (out.empty() ? "" : ", ") + std::string(name(entry));
    return out;
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::optional<Refusal> check_state(const Question& question, const Step& step) {
    if (question.state == step.from) return std::nullopt;
    const std::string command(step.command);
    if (question.state.empty()) return Refusal{"rma.wrong_state", "cannot " + command + ": there is no case yet, open comes first", ""};
    if (step.from.empty()) return Refusal{"rma.wrong_state", "cannot open: the case is already " + question.state, ""};
    return Refusal{"rma.wrong_state", "cannot " + command + ": the case is " + question.state + ", it must be " + std::string(step.from),
                   ""};
}

std::optional<Refusal> check_fields(const Question& question, const CommandForm& form) {
    for (const auto& [name, value] : question.fields)
        if (std::ranges::none_of(form.fields, [&](const CommandField& f) { return f.name == name; }))
            return Refusal{"rma.unknown_field",
                           quoted(name) + " is not a field of " + question.command + "; it takes " +
                               names_of(form.fields, [](const CommandField& f) { return f.name; }),
                           name};
    for (const CommandField& field : form.fields) {
        const auto given = question.fields.find(field.name);
        if (field.required && (given == question.fields.end() || given->second.empty()))
            return Refusal{"rma.missing_field", question.command + " needs the field " + quoted(field.name), std::string(field.name)};
    }
    return std::nullopt;
}

std::string_view trimmed(std::string_view text) noexcept {
    const std::size_t from = text.find_first_not_of(kBlanks);
    return from == std::string_view::npos ? std::string_view{} : text.substr(from, text.find_last_not_of(kBlanks) + 1 - from);
}

/// What is left of a number when case and the marks between its groups do not count, as in Stemma's search: a desk reads "hj26 00148" off
/// a label that says "HJ26-00148". Letters and digits all count.
std::string read_form(std::string_view number) {
    std::string form;
    for (const char c : number)
        if (kMarks.find(c) == std::string_view::npos) form += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return form;
}

bool is_same_number(std::string_view a, std::string_view b) {
    const std::string form = read_form(a);
    return a == b || (!form.empty() && form == read_form(b));
}

std::optional<Refusal> check_unit(const Question& question) {
    const std::string_view received = trimmed(question.fields.find(kItemField)->second);
    const auto is_received = [&](const Identity& identity) { return is_same_number(identity.value, received); };
    if (received == question.item || std::ranges::any_of(question.identities, is_received)) return std::nullopt;
    const std::string expected = question.identities.empty()
                                     ? quoted(question.item)
                                     : quoted(question.identities.front().value) + " (" + question.identities.front().scheme + ")";
    return Refusal{"rma.wrong_unit", "wrong unit: this case is for " + expected + ", the box holds " + quoted(received),
                   std::string(received)};
}

}  // namespace

const std::vector<CommandForm>& command_forms() {
    static const std::vector<CommandForm> forms{
        {"open", "Ask for the return of an item", {{"reason"}, {"customer"}, {"note"}}},
        {"authorise", "Allow the return", {{"number"}, {"note"}}},
        {"receive", "Take the unit in; refused when it is another one", {{kItemField, true}, {"note"}}},
        {"close", "End the case", {{"outcome"}, {"note"}}},
    };
    return forms;
}

std::variant<NewEvent, Refusal> act(const Question& question) {
    const Step* step = step_of(question.command);
    if (step == nullptr)
        return Refusal{
            "rma.unknown_command",
            "there is no command " + quoted(question.command) + "; there are " + names_of(kSteps, [](const Step& s) { return s.command; }),
            ""};
    if (auto refusal = check_state(question, *step)) return *refusal;
    const CommandForm& form = command_forms()[static_cast<std::size_t>(step - kSteps.data())];
    if (auto refusal = check_fields(question, form)) return *refusal;
    NewEvent event{std::string(step->event), question.fields};
    if (const auto item = event.fields.find(kItemField); item != event.fields.end()) {
        if (auto refusal = check_unit(question)) return *refusal;
        event.fields[std::string(kReceivedField)] = trimmed(item->second);
        event.fields.erase(item);
    }
    return event;
}

bool needs_identities(const Question& question) {
    const Step* step = step_of(question.command);
    return step != nullptr && step->command == "receive" && question.state == step->from && question.fields.contains(kItemField);
}

std::optional<std::string_view> state_after(std::string_view state, std::string_view event) noexcept {
    for (const Step& step : kSteps)
        if (step.from == state && step.event == event) return step.to;
    return std::nullopt;
}

}  // namespace stemma::rma
