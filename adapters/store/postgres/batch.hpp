// What a part of a unit of work writes, gathered: rows that are added in lists, rows that are replaced by their key in maps, where the last
// one counts. Written into the tables by one statement over arrays each.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/sql/binary.hpp"
#include "adapters/store/postgres/batch_names.hpp"
#include "core/ports/store.hpp"

namespace stemma::store::postgres {

/// Several texts as one key. None of them holds a NUL.
[[nodiscard]] std::string joined_key(std::initializer_list<std::string_view> parts);

struct BatchMaster {
    NameRef subject{0};
    std::int64_t sequence{0};
    Subject::Kind kind{Subject::Kind::item};
};

struct BatchIdentifiers {
    NameRef item{0};
    std::vector<std::pair<Identifier, std::string>> rows;  ///< with their search form
};

struct BatchSource {
    SourceRowState state;
    std::optional<NameRef> event;
};

struct BatchCase {
    CaseState state;
    std::int64_t sequence{0};
};

struct Batch {
    sql::BinaryRows entries{4};                             ///< sequence, bytes, leaf hash, chain hash, as they are sent
    std::vector<std::pair<NameRef, std::int64_t>> touched;  ///< subject, sequence
    std::vector<BatchMaster> masters;
    std::vector<BatchIdentifiers> identifiers;
    std::vector<std::pair<NameRef, std::int64_t>> events;  ///< event, sequence
    std::unordered_map<std::string, std::int64_t> voids;   ///< event -> sequence; the first declaration counts
    std::unordered_map<std::string, BatchSource> sources;  ///< by source, query, key
    std::unordered_map<std::string, CommandRow> commands;  ///< as they stand then
    std::map<std::string, BatchCase> cases;
    std::map<std::uint64_t, std::string> checkpoints;
    std::map<std::string, std::optional<Person>> persons;       ///< none: redacted
    std::map<std::string, SourceState> source_states;           ///< by source, query
    std::map<std::string, std::pair<RejectRow, bool>> rejects;  ///< by source, query, key; false: cleared
    std::map<std::string, std::pair<AccessRow, bool>> access;   ///< by kind, id; false: removed
    std::size_t bytes{0};                                       ///< of the entries

    [[nodiscard]] bool empty() const;
    /// How much waits, in rows of the lists.
    [[nodiscard]] std::size_t rows() const noexcept { return entries.size() + touched.size() + identifiers.size() + masters.size(); }
    /// What came after this one, on top of it.
    void add(Batch&& later);
    void clear() { *this = {}; }
};

}  // namespace stemma::store::postgres
