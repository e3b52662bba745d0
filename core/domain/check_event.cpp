// check_event: the form every event must have before anything judges it. Each refusal names its place as a JSON pointer.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/base/text.hpp"
#include "core/domain/event.hpp"

namespace stemma {
namespace {

std::unexpected<Error> refuse(std::string where, std::string message, std::string hint = {}) {
    return fail(Errc::invalid_input, std::move(message), std::move(where), std::move(hint));
}

Result<void> check_text(std::string_view text, const std::string& where, const EventLimits& limits) {
    if (text.size() > limits.text_bytes_max)
        return refuse(where, fmt::format("the text has {} bytes, {} are allowed", text.size(), limits.text_bytes_max));
    if (!is_clean_utf8(text)) return refuse(where, "the text is not well-formed UTF-8, or holds a NUL");
    return {};
}

Result<void> check_id(std::string_view id, const std::string& where) {
    Result<void> checked = check_uri(id);
    if (!checked) checked.error().where = where;
    return checked;
}

Result<void> check_optional_id(std::string_view id, const std::string& where) { return id.empty() ? Result<void>{} : check_id(id, where); }

/// `instances` and `classes` are the two EPCIS lists that one list of ours is written to.
Result<void> check_items(const std::vector<ItemQuantity>& items, std::string_view instances, std::string_view classes,
                         const EventLimits& limits) {
    if (items.size() > limits.items_per_event_max)
        return fail(Errc::too_large, fmt::format("{} items in one event, {} are allowed", items.size(), limits.items_per_event_max),
                    fmt::format("/{}", classes), "split it into several events");
    std::size_t instance = 0;
    std::size_t classed = 0;
    for (const ItemQuantity& entry : items) {  // of the many that are sound nothing is said: where they stand is put in words below
        const auto place = [&] {
            return entry.quantity ? fmt::format("/{}/{}", classes, classed) : fmt::format("/{}/{}", instances, instance);
        };
        if (auto ok = check_uri(entry.item.str()); !ok) {
            ok.error().where = place() + (entry.quantity ? "/epcClass" : "");
            return ok;
        }
        if (!entry.quantity) {
            ++instance;
            continue;
        }
        if (entry.quantity->micros <= 0)
            return refuse(place() + "/quantity", fmt::format("the quantity {} is not positive", format_micros(entry.quantity->micros)),
                          "goods that leave are told by bizStep and source, not by a negative quantity");
        if (!is_unit_code(entry.quantity->unit))
            return refuse(place() + "/uom", fmt::format("'{}' is not a unit code", clip(entry.quantity->unit)),
                          "use a code of UN/CEFACT Rec 20: KGM, GRM, LTR, MTR, or leave it out for pieces");
        ++classed;
    }
    return {};
}

/// EPCIS 2.0 has each instance once in a list (its JSON schema: uniqueItems). Not asked of quantities: a delivery may have two lines of
/// a lot.
Result<void> check_each_once(const std::vector<ItemQuantity>& items, std::string_view instances) {
    std::vector<std::string_view> ids;
    for (const ItemQuantity& entry : items)
        if (!entry.quantity) ids.push_back(entry.item.str());
    if (std::ranges::is_sorted(ids, std::ranges::less_equal{})) return {};  // as most lists are written
    std::vector<std::size_t> order(ids.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair{ids[i], i}; });
    const auto twice = std::ranges::adjacent_find(order, {}, [&](std::size_t i) { return ids[i]; });
    if (twice == order.end()) return {};
    return refuse(fmt::format("/{}/{}", instances, *std::next(twice)), fmt::format("'{}' is in the list twice", clip(ids[*twice])),
                  "a list names each thing once; an amount of a lot stands in the list of quantities");
}

/// Nothing is in itself, or beside itself in one business transaction.
Result<void> check_not_its_parent(const Event& event, std::string_view instances, std::string_view classes) {
    std::size_t instance = 0;
    std::size_t classed = 0;
    for (const ItemQuantity& entry : event.items) {
        const std::string where =
            entry.quantity ? fmt::format("/{}/{}/epcClass", classes, classed++) : fmt::format("/{}/{}", instances, instance++);
        if (entry.item == event.parent)
            return refuse(where, fmt::format("'{}' is the event's parentID as well", clip(entry.item.str())),
                          "nothing can be packed or installed in itself");
    }
    return {};
}

Result<void> check_vocabulary(const Event& event) {
    if (!event.biz_step.empty() && !is_biz_step(event.biz_step) && !is_own_biz_step(event.biz_step))
        return refuse("/bizStep", fmt::format("'{}' is not a business step of CBV 2.0", clip(event.biz_step)),
                      did_you_mean(event.biz_step, event.biz_step.starts_with("stemma:") ? own_biz_steps() : biz_steps()));
    if (!event.disposition.empty() && !is_disposition(event.disposition))
        return refuse("/disposition", fmt::format("'{}' is not a disposition of CBV 2.0", clip(event.disposition)),
                      did_you_mean(event.disposition, dispositions()));
    return {};
}

Result<void> check_source_dests(const std::vector<SourceDest>& list, std::string_view name, std::string_view key) {
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string where = fmt::format("/{}/{}", name, i);
        if (list[i].type != "owning_party" && list[i].type != "possessing_party" && list[i].type != "location")
            return refuse(where + "/type", fmt::format("'{}' is not a type of source or destination", clip(list[i].type)),
                          "it may be owning_party, possessing_party or location");
        if (auto ok = check_id(list[i].id, fmt::format("{}/{}", where, key)); !ok) return ok;
    }
    return {};
}

Result<void> check_shape(const Event& event) {
    const bool transformation = event.type == EventType::transformation;
    if (transformation && !event.items.empty()) return refuse("/epcList", "a TransformationEvent has inputs and outputs, no epcList");
    if (!transformation && (!event.inputs.empty() || !event.outputs.empty()))
        return refuse("/inputQuantityList",
                      fmt::format("only a TransformationEvent has inputs and outputs, this is an {}", to_string(event.type)));
    if (transformation && event.inputs.empty() && event.outputs.empty())
        return refuse("", "a TransformationEvent needs at least one input or output");
    if (transformation && (event.inputs.empty() || event.outputs.empty()) && event.transformation.empty())
        return refuse("/transformationID", "a TransformationEvent with inputs or outputs alone needs a transformationID that joins them");
    if (!transformation && !event.transformation.empty())
        return refuse("/transformationID", "only a TransformationEvent has a transformationID");
    const bool parented = event.type == EventType::aggregation || event.type == EventType::association;
    if (parented && event.parent.empty() && event.action != Action::observe)
        return refuse("/parentID", fmt::format("an {} that adds or removes children needs its parentID", to_string(event.type)));
    if (event.type == EventType::object && !event.parent.empty()) return refuse("/parentID", "an ObjectEvent has no parentID");
    if (event.type == EventType::object && event.items.empty() && event.sensors.empty())
        return refuse("/epcList", "an ObjectEvent needs at least one item or a sensor report");
    if (event.type == EventType::transaction && event.documents.empty())
        return refuse("/bizTransactionList", "a TransactionEvent needs at least one business transaction");
    return {};
}

Result<void> check_time(const Event& event, Instant recorded_at, const EventLimits& limits) {
    if (event.time.instant.us - recorded_at.us > limits.future_us_max)
        return refuse(
            "/eventTime",
            fmt::format("the event time {} lies in the future (it is {})", format_instant(event.time.instant), format_instant(recorded_at)),
            fmt::format("at most {} s ahead are allowed; check the clock and the zone of the source",
                        limits.future_us_max / kMicrosPerSecond));
    return {};
}

Result<void> check_documents(const Event& event, const EventLimits& limits) {
    for (std::size_t i = 0; i < event.documents.size(); ++i) {
        const std::string where = fmt::format("/bizTransactionList/{}", i);
        if (auto ok = check_id(event.documents[i].id.str(), where + "/bizTransaction"); !ok) return ok;
        if (auto ok = check_text(event.documents[i].type, where + "/type", limits); !ok) return ok;
        if (auto ok = check_text(event.documents[i].number, where + "/stemma:number", limits); !ok) return ok;
    }
    return {};
}

Result<void> check_texts(const Event& event, const EventLimits& limits) {
    for (const auto& [name, value] : event.ilmd) {
        const std::string where = "/ilmd/" + clip(name);
        if (auto ok = check_text(name, where, limits); !ok) return ok;
        if (auto ok = check_text(value, where, limits); !ok) return ok;
    }
    for (std::size_t i = 0; i < event.sensors.size(); ++i) {
        const std::string where = fmt::format("/sensorElementList/{}", i);
        if (auto ok = check_text(event.sensors[i].type, where, limits); !ok) return ok;
        if (auto ok = check_text(event.sensors[i].string_value, where, limits); !ok) return ok;
        if (auto ok = check_optional_id(event.sensors[i].device, where); !ok) return ok;
    }
    if (event.error) return check_text(event.error->reason, "/errorDeclaration/reason", limits);
    return {};
}

Result<void> check_ids(const Event& event) {
    for (const auto& [id, where] : {std::pair<std::string_view, const char*>{event.id.str(), "/eventID"},
                                    {event.read_point.str(), "/readPoint"},
                                    {event.biz_location.str(), "/bizLocation"},
                                    {event.parent.str(), "/parentID"},
                                    {event.transformation.str(), "/transformationID"}})
        if (auto ok = check_optional_id(id, where); !ok) return ok;
    return {};
}

}  // namespace

Result<void> check_event(const Event& event, Instant recorded_at, const EventLimits& limits) {
    if (auto ok = check_shape(event); !ok) return ok;
    if (auto ok = check_time(event, recorded_at, limits); !ok) return ok;
    if (auto ok = check_vocabulary(event); !ok) return ok;
    if (auto ok = check_ids(event); !ok) return ok;
    const bool parented = event.type == EventType::aggregation || event.type == EventType::association;
    const std::string_view instances = parented ? "childEPCs" : "epcList";
    const std::string_view classes = parented ? "childQuantityList" : "quantityList";
    if (auto ok = check_items(event.items, instances, classes, limits); !ok) return ok;
    if (auto ok = check_items(event.inputs, "inputEPCList", "inputQuantityList", limits); !ok) return ok;
    if (auto ok = check_items(event.outputs, "outputEPCList", "outputQuantityList", limits); !ok) return ok;
    if (!event.error) {  // one that was recorded before this was asked can still be declared wrong
        if (auto ok = check_not_its_parent(event, instances, classes); !ok) return ok;
        if (auto ok = check_each_once(event.items, instances); !ok) return ok;
        if (auto ok = check_each_once(event.inputs, "inputEPCList"); !ok) return ok;
        if (auto ok = check_each_once(event.outputs, "outputEPCList"); !ok) return ok;
    }
    if (auto ok = check_source_dests(event.sources, "sourceList", "source"); !ok) return ok;
    if (auto ok = check_source_dests(event.destinations, "destinationList", "destination"); !ok) return ok;
    if (auto ok = check_documents(event, limits); !ok) return ok;
    return check_texts(event, limits);
}

}  // namespace stemma
