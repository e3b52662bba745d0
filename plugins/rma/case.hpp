// The return of one item: requested, authorised, received, closed; nothing else follows from anything. Pure.
// The box that arrives is held against the case: another unit than the one the RMA is for is refused with both numbers.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace stemma::rma {

/// One step of a case: a command that is allowed in one state alone, the event it writes, the state after it.
struct Step {
    std::string_view from;  ///< empty: there is no case yet
    std::string_view command;
    std::string_view event;
    std::string_view to;
};
inline constexpr std::array<Step, 4> kSteps{{
    {"", "open", "opened", "requested"},
    {"requested", "authorise", "authorised", "authorised"},
    {"authorised", "receive", "received", "received"},
    {"received", "close", "closed", "closed"},
}};

struct CommandField {
    std::string_view name;
    bool required{false};
};
struct CommandForm {
    std::string_view name;
    std::string_view summary;
    std::vector<CommandField> fields;
};
/// The commands and what they take, in the order of kSteps.
[[nodiscard]] const std::vector<CommandForm>& command_forms();

using Fields = std::map<std::string, std::string, std::less<>>;

/// One number of an item.
struct Identity {
    std::string scheme;
    std::string value;
};

struct Question {
    std::string state;  ///< empty: no case yet
    std::string item;   ///< id of the item that the case is about
    std::string command;
    Fields fields;
    std::vector<Identity> identities;  ///< all numbers of the item, the one people see first; needed by receive alone
};

struct Refusal {
    std::string code;  ///< "rma.wrong_unit"
    std::string message;
    std::string subject;  ///< the field or number it is about; may be empty
};

struct NewEvent {
    std::string type;
    Fields fields;
};

/// The event that the command comes to, or why it is refused.
[[nodiscard]] std::variant<NewEvent, Refusal> act(const Question& question);

/// Whether act needs the item's identities to answer.
[[nodiscard]] bool needs_identities(const Question& question);

/// The state after an event; nothing when the event cannot follow that state.
[[nodiscard]] std::optional<std::string_view> state_after(std::string_view state, std::string_view event) noexcept;

}  // namespace stemma::rma
