#include "adapters/store/postgres/batch.hpp"

#include <iterator>

namespace stemma::store::postgres {
namespace {

template <class Row>
void append(std::vector<Row>& to, std::vector<Row>& from) {
    if (to.empty())
        to.swap(from);
    else
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

template <class Map>
void replace(Map& in, Map& by) {
    if (in.empty()) return in.swap(by);
    for (auto& [key, row] : by) in.insert_or_assign(key, std::move(row));
}

}  // namespace

std::string joined_key(std::initializer_list<std::string_view> parts) {
    std::string key;
    for (const std::string_view part : parts) key.append(part).push_back('\0');
    return key;
}

bool Batch::empty() const {
    return rows() == 0 && events.empty() && voids.empty() && sources.empty() && commands.empty() && cases.empty() && checkpoints.empty() &&
           persons.empty() && source_states.empty() && rejects.empty() && access.empty();
}

void Batch::add(Batch&& later) {
    if (entries.size() == 0)
        std::swap(entries, later.entries);
    else
        entries.add_all(later.entries);
    append(touched, later.touched);
    append(masters, later.masters);
    append(identifiers, later.identifiers);
    append(events, later.events);
    voids.merge(later.voids);
    replace(sources, later.sources);
    replace(commands, later.commands);
    replace(cases, later.cases);
    replace(checkpoints, later.checkpoints);
    replace(persons, later.persons);
    replace(source_states, later.source_states);
    replace(rejects, later.rejects);
    replace(access, later.access);
    bytes += later.bytes;
    later.clear();
}

}  // namespace stemma::store::postgres
