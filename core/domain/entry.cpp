#include "core/domain/entry.hpp"

#include <algorithm>
#include <array>

#include "core/domain/names.hpp"

namespace stemma {
namespace {

constexpr NameTable<Subject::Kind, 9> kKind{{{Subject::Kind::item, "item"},
                                             {Subject::Kind::product, "product"},
                                             {Subject::Kind::place, "place"},
                                             {Subject::Kind::party, "party"},
                                             {Subject::Kind::document, "document"},
                                             {Subject::Kind::transformation, "transformation"},
                                             {Subject::Kind::case_, "case"},
                                             {Subject::Kind::event, "event"},
                                             {Subject::Kind::meeting, "meeting"}}};

class Collector {
public:
    void add(Subject::Kind kind, const std::string& id) {
        if (!id.empty()) found_.push_back({kind, id});
    }

    void operator()(const Event& event) {
        add(Subject::Kind::event, event.id.str());
        for (const ItemRole& role : items_of(event)) add(Subject::Kind::item, role.item->str());
        add(Subject::Kind::transformation, event.transformation.str());
        add(Subject::Kind::place, event.read_point.str());
        add(Subject::Kind::place, event.biz_location.str());
        for (const auto* list : {&event.sources, &event.destinations})
            for (const SourceDest& end : *list) add(end.type == "location" ? Subject::Kind::place : Subject::Kind::party, end.id);
        for (const BizTransaction& document : event.documents) add(Subject::Kind::document, document.id.str());
    }
    void operator()(const Master& master) {
        constexpr std::array kKinds{Subject::Kind::product, Subject::Kind::item, Subject::Kind::place, Subject::Kind::party};
        add(kKinds.at(master.index()), id_of(master));
    }
    void operator()(const CaseEvent& event) {
        add(Subject::Kind::case_, event.case_id.str());
        add(Subject::Kind::item, event.item.str());
        if (const auto other = event.fields.find("replacement"); other != event.fields.end() && check_uri(other->second))
            add(Subject::Kind::item, other->second);
    }
    void operator()(const SystemChange&) {}
    void operator()(const Meeting& meeting) {
        for (const std::string* id : {&meeting.first, &meeting.second}) {
            add(meeting.products ? Subject::Kind::product : Subject::Kind::item, *id);
            add(Subject::Kind::meeting, meetings_of(*id));
        }
        add(Subject::Kind::meeting, std::string{all_meetings(meeting.products)});
    }

    std::vector<Subject> take() {
        std::ranges::sort(found_);
        const auto repeated = std::ranges::unique(found_);
        found_.erase(repeated.begin(), repeated.end());
        return std::move(found_);
    }

private:
    std::vector<Subject> found_;
};

}  // namespace

std::string_view kind_of(const EntryBody& body) {
    struct Visitor {
        std::string_view operator()(const Event&) const { return "event"; }
        std::string_view operator()(const Master& master) const {
            constexpr std::array<std::string_view, 4> kNames{"product", "item", "place", "party"};
            return kNames.at(master.index());
        }
        std::string_view operator()(const CaseEvent&) const { return "case"; }
        std::string_view operator()(const SystemChange&) const { return "system"; }
        std::string_view operator()(const Meeting&) const { return "meeting"; }
    };
    return std::visit(Visitor{}, body);
}

std::vector<Subject> subjects_of(const EntryBody& body) {
    Collector collector;
    std::visit(collector, body);
    return collector.take();
}

std::string_view to_string(Subject::Kind kind) noexcept { return name_of(kKind, kind); }

}  // namespace stemma
