// Writes into the read models what an entry changes. Every id that a change names becomes a subject, numbered in order of appearance.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/store/tables/subject_ids.hpp"
#include "adapters/store/tables/tables.hpp"

namespace stemma::store {

/// Which entry names which subject, kept until somebody looks: the table is ordered by subject, and sorted rows go in side by side, many
/// with one statement. What a part of a unit added is forgotten when the part is taken back.
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
