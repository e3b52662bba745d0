// A first mapping for a database that nobody made one for: which mapping that is here already fits, and if none does, a proposal by the
// names, types, keys and references of its tables. A proposal is a file to read and to correct: every choice stands there with its reason,
// what is unsure is marked CHECK, what was not found is said. It is always a mapping that loads and whose SQL the database takes.
#pragma once

#include <string>
#include <vector>

#include "adapters/erp/suggest_catalogue.hpp"

namespace stemma::erp {

struct KnownMapping {
    std::string name, erp, version;
};

struct Recognised {
    std::vector<KnownMapping> fitting;  ///< fit as the database is; the one that reads most tables first
    std::vector<std::string> nearly;    ///< "tryton-6.0: stock_move.unit is there: 7.0 or later", and where a few names are missing
};

/// Compares fingerprints, columns and all. Pure.
[[nodiscard]] Recognised recognise(const Catalogue& catalogue, const std::vector<Mapping>& mappings);

struct SuggestOrder {
    std::string name;                 ///< of the mapping: lower-case letters, digits and . _ -
    std::string database;             ///< for people, without secrets
    bool sample{true};                ///< also look at values: kinds, states, units, signs
    std::vector<std::string> nearly;  ///< what recognise() said, for the head
};

/// The mapping as YAML. Errors: Errc::not_found where nothing looks like goods that move; Errc::invalid_input for a bad name.
[[nodiscard]] Result<std::string> suggest(Foreign& foreign, const SuggestOrder& order);

}  // namespace stemma::erp
