// Writes into the read models what an entry changes. Every id that a change names becomes a subject, numbered in order of appearance.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/store/sqlite/tables.hpp"

namespace stemma::store {

/// URI -> internal id of subjects that are in the table for sure. Kept from one unit of work to the next; to be cleared when one is
/// rolled back, and when another connection wrote.
class SubjectIds {
public:
    [[nodiscard]] const std::int64_t* find(std::string_view uri) const {
        const auto found = ids_.find(uri);
        return found == ids_.end() ? nullptr : &found->second;
    }
    void add(std::string_view uri, std::int64_t id) {
        if (ids_.size() >= kMax) ids_.clear();
        ids_.emplace(uri, id);
    }
    void clear() { ids_.clear(); }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    static constexpr std::size_t kMax = 200'000;  ///< about 30 MB
    std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> ids_;
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
};

}  // namespace stemma::store
