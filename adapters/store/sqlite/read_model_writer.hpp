// Writes into the read models what an entry changes. Every id that a change names becomes a subject, numbered in order of appearance.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/store/sqlite/tables.hpp"

namespace stemma::store {

/// URI -> internal id of subjects that are in the table for sure. Kept from one unit of work to the next; what a part of one added is
/// forgotten when the part is taken back, and all of it when a unit is rolled back or another connection wrote.
class SubjectIds {
public:
    [[nodiscard]] const std::int64_t* find(std::string_view uri) const {
        const auto found = ids_.find(uri);
        return found == ids_.end() ? nullptr : &found->second;
    }
    void add(std::string_view uri, std::int64_t id) {
        if (ids_.size() >= kMax) clear();
        if (const auto [place, added] = ids_.emplace(uri, id); added) of_part_.push_back(&place->first);
    }
    void clear() {
        ids_.clear();
        of_part_.clear();
    }
    void begin_part() { of_part_.clear(); }
    void undo_part() {
        for (const std::string* uri : of_part_) ids_.erase(ids_.find(*uri));
        of_part_.clear();
    }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    static constexpr std::size_t kMax = 200'000;  ///< about 30 MB
    std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> ids_;
    std::vector<const std::string*> of_part_;  ///< keys added since begin_part()
};

class ReadModelWriter : public Tables {
public:
    ReadModelWriter(sql::Session& session, SubjectIds& ids) noexcept : Tables{session}, ids_{&ids} {}

    [[nodiscard]] Result<void> apply(const ReadModelChange& change);
    [[nodiscard]] Result<void> drop();

private:
    [[nodiscard]] Result<std::int64_t> intern(Subject::Kind kind, const std::string& uri);
    [[nodiscard]] Result<void> apply_subjects(const ReadModelChange& change);
    [[nodiscard]] Result<void> apply_identifiers(const ReadModelChange& change);
    [[nodiscard]] Result<void> apply_event(const ReadModelChange& change);
    [[nodiscard]] Result<void> apply_source(const SourceRowState& state);
    [[nodiscard]] Result<void> apply_command(Sequence sequence, const std::pair<std::string, std::string>& command);
    [[nodiscard]] Result<void> apply_case(Sequence sequence, const CaseState& state);

    SubjectIds* ids_;
    std::optional<std::pair<std::string, std::int64_t>> event_;  ///< the one that this change names, and its id
};

}  // namespace stemma::store
