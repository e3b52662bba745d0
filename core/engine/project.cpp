#include "core/engine/project.hpp"

namespace stemma::engine {
namespace {

void project_event(const Event& event, ReadModelChange& change) {
    if (event.error)
        change.voids = event.id;
    else if (!event.id.empty())
        change.event = event.id;
}

void project_master(const Master& master, ReadModelChange& change) {
    change.master = subjects_of(master).front();
    if (const Item* item = std::get_if<Item>(&master)) {
        change.identifiers_of = item->id;
        for (const Identifier& identifier : item->identifiers) change.identifiers.emplace_back(identifier, search_form(identifier.value));
    } else if (const Product* product = std::get_if<Product>(&master)) {
        change.identifiers_of = ItemId{product->id.str()};  // its stock without lots has the product's id
        const auto written = product->attributes.find("gtin");
        const std::string digits = written != product->attributes.end() ? written->second : std::string{};
        for (const Identifier& identifier :
             {Identifier{"sku", product->sku}, Identifier{"name", product->name}, Identifier{"gtin", normal_gtin(digits).value_or(digits)}})
            if (!identifier.value.empty()) change.identifiers.emplace_back(identifier, search_form(identifier.value));
    }
}

/// The case as it stands after this step: state and fields are what the workflow folded.
void project_case(const CaseEvent& event, ReadModelChange& change) {
    change.case_state = CaseState{event.case_id, event.workflow, event.version, event.state, event.item, event.fields};
}

}  // namespace

std::string search_form(std::string_view identifier) {
    std::string form;
    form.reserve(identifier.size());
    for (const char c : identifier) {
        if (c == ' ' || c == '-' || c == '.' || c == '/' || c == ':' || c == '_') continue;
        form += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return form;
}

ReadModelChange project(Sequence sequence, const Entry& entry, const std::optional<SourceRowState>& previous) {
    ReadModelChange change;
    change.sequence = sequence;
    change.touched = subjects_of(entry.body);
    if (const Event* event = std::get_if<Event>(&entry.body))
        project_event(*event, change);
    else if (const Master* master = std::get_if<Master>(&entry.body))
        project_master(*master, change);
    else if (const CaseEvent* step = std::get_if<CaseEvent>(&entry.body))
        project_case(*step, change);
    if (entry.source) {
        const Event* event = std::get_if<Event>(&entry.body);
        change.source = SourceRowState{*entry.source, sequence, event ? event->id : EventId{}, previous ? previous->version + 1 : 1};
    }
    if (!entry.command.empty()) change.command = {entry.command, entry.command_digest};
    return change;
}

}  // namespace stemma::engine
