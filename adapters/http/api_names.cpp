#include "adapters/http/api_names.hpp"

#include "core/engine/stored.hpp"

namespace stemma::http {
namespace {

/// The name kept for an id, made by `find` when it is asked for first.
template <class Find>
const std::string& kept(std::map<std::string, std::string>& names, const std::string& id, Find find) {
    const auto [place, fresh] = names.try_emplace(id);
    if (fresh) place->second = find();
    return place->second;
}

}  // namespace

const std::string& DisplayNames::party(const std::string& id) {
    return kept(parties_, id, [&] { return queries_.party_name(id).value_or(id); });
}

const std::string& DisplayNames::contact(const std::string& id) {
    return kept(contacts_, id, [&] {
        const auto person = snapshot_.person(PartyId{id});
        return person && *person ? (*person)->contact : std::string{};
    });
}

const std::string& DisplayNames::place(const std::string& id) {
    return kept(places_, id, [&] {
        const auto place = engine::read_master<Place>(snapshot_, id, as_of_);
        if (!place || !*place) return id;
        if (!(*place)->name.empty()) return (*place)->name;
        return (*place)->code.empty() ? id : (*place)->code;
    });
}

const std::string& DisplayNames::item(const std::string& id) {
    return kept(items_, id, [&] {
        const auto known = queries_.resolve(id);
        if (!known) return id;
        const auto hit = queries_.then(*known, as_of_);
        return hit ? label_of(*hit) : id;
    });
}

const std::string& label_of(const engine::ItemHit& hit) {
    return hit.kind == lineage::NodeKind::untracked && hit.product ? engine::label_of(*hit.product) : stemma::label_of(hit.item);
}

}  // namespace stemma::http
