// Everything a store holds, as plain containers. A value: copied by a unit of work, shared and unchanged by snapshots.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/ports/store.hpp"

namespace stemma::memory {

struct State {
    struct SubjectData {
        Subject::Kind kind{Subject::Kind::item};
        std::size_t number{0};  ///< in order of first appearance
        std::optional<Sequence> master;
        std::set<Sequence> entries;
    };
    struct IdentifierData {
        Identifier identifier;
        std::string form;
    };
    struct CaseData {
        CaseState state;
        Sequence sequence{0};  ///< of its newest step
    };
    using SourceKey = std::tuple<std::string, std::string, std::string>;  ///< source, query, row key

    std::vector<std::shared_ptr<const StoredEntry>> entries;
    std::map<std::uint64_t, std::string> checkpoints;  ///< size -> note

    std::map<std::string, SubjectData> subjects;
    std::vector<std::string> subject_order;                          ///< ids by number
    std::map<std::size_t, std::vector<IdentifierData>> identifiers;  ///< by the item's number
    std::map<std::string, EventRow> events;
    std::map<SourceKey, SourceRowState> source_rows;
    std::map<std::string, CommandRow> commands;
    std::map<std::string, CaseData> cases;

    std::map<std::string, Person> persons;
    std::map<std::pair<std::string, std::string>, SourceState> source_states;
    std::map<SourceKey, RejectRow> rejects;
    std::map<std::pair<std::string, std::string>, std::string> access;  ///< kind, id -> content

    [[nodiscard]] Result<void> apply(const ReadModelChange& change);
    void drop_read_models();
    [[nodiscard]] Digest read_model_digest() const;
    [[nodiscard]] std::vector<IdentifierRow> find_identifiers(const std::string& form, bool prefix, std::uint64_t limit) const;

private:
    SubjectData& intern(Subject::Kind kind, const std::string& id);
};

}  // namespace stemma::memory
