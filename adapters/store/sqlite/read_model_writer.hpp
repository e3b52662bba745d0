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

/// Which entry names which subject, kept until somebody looks: the table is ordered by subject, and many rows put in that order cost a
/// third of the same rows put one by one. What a part of a unit added is forgotten when the part is taken back.
class SubjectEntries {
public:
    using Pair = std::pair<std::int64_t, std::int64_t>;        ///< subject, sequence
    static constexpr std::size_t kMax = std::size_t{1} << 17;  ///< 2 MiB; then they are written

    void add(std::int64_t subject, std::int64_t sequence) { part_.emplace_back(subject, sequence); }
    /// How many are in no table yet.
    [[nodiscard]] std::size_t waiting() const noexcept { return part_.size() + (earlier_written_ ? 0 : earlier_.size()); }
    /// Those in the table's order, each once.
    [[nodiscard]] std::vector<Pair> sorted() const;
    void written() {
        part_.clear();
        earlier_written_ = true;
    }
    void begin_part();
    /// Earlier pairs that this part wrote went with it, and wait again.
    void undo_part() {
        part_.clear();
        earlier_written_ = false;
    }

private:
    std::vector<Pair> part_;       ///< of this part, in no table
    std::vector<Pair> earlier_;    ///< of the parts before
    bool earlier_written_{false};  ///< in the course of this part
};

/// Keeps the pairs of subject and entry until write_entries(): who reads them or commits calls it first.
class ReadModelWriter : public Tables {
public:
    ReadModelWriter(sql::Session& session, SubjectIds& ids) noexcept : Tables{session}, ids_{&ids} {}

    [[nodiscard]] Result<void> apply(const ReadModelChange& change);
    [[nodiscard]] Result<void> drop();
    [[nodiscard]] Result<void> write_entries();
    [[nodiscard]] bool entries_wait() const noexcept { return entries_.waiting() != 0; }
    void begin_part() {
        ids_->begin_part();
        entries_.begin_part();
    }
    void undo_part() {
        ids_->undo_part();
        entries_.undo_part();
    }

private:
    [[nodiscard]] Result<std::int64_t> intern(Subject::Kind kind, const std::string& uri);
    [[nodiscard]] Result<void> apply_subjects(const ReadModelChange& change);
    [[nodiscard]] Result<void> apply_identifiers(const ReadModelChange& change);
    [[nodiscard]] Result<void> apply_event(const ReadModelChange& change);
    [[nodiscard]] Result<void> apply_source(const SourceRowState& state);
    [[nodiscard]] Result<void> apply_command(Sequence sequence, const std::pair<std::string, std::string>& command);
    [[nodiscard]] Result<void> apply_case(Sequence sequence, const CaseState& state);

    SubjectIds* ids_;
    SubjectEntries entries_;
    std::optional<std::pair<std::string, std::int64_t>> event_;  ///< the one that this change names, and its id
};

}  // namespace stemma::store
