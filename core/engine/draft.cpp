#include "core/engine/draft.hpp"

#include "core/engine/project.hpp"
#include "core/ledger/entry_codec.hpp"

namespace stemma::engine {

namespace {

Draft made_of(Entry entry, EncodedEntry encoded) {
    if (Event* event = std::get_if<Event>(&entry.body)) *event = normalised(std::move(*event));  // which its JSON is already
    ReadModelChange change = project(0, entry, std::nullopt);
    return {std::move(entry), std::move(encoded), std::move(change)};
}

}  // namespace

Draft make_draft(Entry entry) {
    EncodedEntry encoded{entry};
    return made_of(std::move(entry), std::move(encoded));
}

Draft make_draft(Entry entry, std::string_view body_json) {
    EncodedEntry encoded{entry, body_json};
    return made_of(std::move(entry), std::move(encoded));
}

}  // namespace stemma::engine
