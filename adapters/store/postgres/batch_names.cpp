#include "adapters/store/postgres/batch_names.hpp"

namespace stemma::store::postgres {

std::optional<NameRef> BatchNames::find(std::string_view uri) const {
    const auto found = refs_.find(uri);
    return found == refs_.end() ? std::nullopt : std::optional{found->second};
}

NameRef BatchNames::add(std::string_view uri, Subject::Kind kind, bool surely_new) {
    names_.push_back({.uri = std::string{uri}, .kind = kind, .surely_new = surely_new});
    const auto ref = -static_cast<NameRef>(names_.size());
    refs_.emplace(names_.back().uri, ref);
    return ref;
}

void BatchNames::shorten(std::size_t size) {
    while (names_.size() > size) {
        refs_.erase(names_.back().uri);
        names_.pop_back();
    }
}

void BatchNames::clear() {
    refs_.clear();
    names_.clear();
}

}  // namespace stemma::store::postgres
