// The names that a unit of work has met and that had no number in the writer's cache then. They get one when the unit's rows are written:
// those that stand in the table already theirs, the others the next ones in the order in which they were met.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/domain/entry.hpp"

namespace stemma::store::postgres {

/// A subject: its number where that is positive; else -1 for the first of the names, -2 for the second and so on.
using NameRef = std::int64_t;

struct BatchName {
    std::string uri;
    Subject::Kind kind{Subject::Kind::item};
    bool surely_new{false};           ///< it is in no table
    std::int64_t id{0};               ///< 0: not given yet
    bool added{false};                ///< by the rows that are being written
    std::optional<Sequence> event{};  ///< a row of an event was gathered for it
};

class BatchNames {
public:
    [[nodiscard]] std::optional<NameRef> find(std::string_view uri) const;
    NameRef add(std::string_view uri, Subject::Kind kind, bool surely_new);
    [[nodiscard]] BatchName& at(NameRef ref) { return names_[static_cast<std::size_t>(-ref - 1)]; }
    [[nodiscard]] std::int64_t id_of(NameRef ref) const { return ref > 0 ? ref : names_[static_cast<std::size_t>(-ref - 1)].id; }
    [[nodiscard]] std::size_t size() const noexcept { return names_.size(); }
    [[nodiscard]] BatchName& operator[](std::size_t place) { return names_[place]; }
    void shorten(std::size_t size);
    void clear();

private:
    std::deque<BatchName> names_;  // names stay where they are
    std::unordered_map<std::string_view, NameRef> refs_;
};

}  // namespace stemma::store::postgres
