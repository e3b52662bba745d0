// What is worked out beside a running daemon, for whoever sets a source up: the SQL of a login that can only read, and a first mapping for
// a database that no mapping knows. Reads the settings, mapping files and, where it can be reached, the ERP's database; changes nothing.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/config/settings.hpp"

namespace stemma::app {

struct GrantsRequest {
    std::string source;   ///< of erp.sources; "" = by `mapping` alone
    std::string mapping;  ///< a mapping's name or file
    std::string engine;   ///< "postgresql", "mariadb"; "" = that of the source, PostgreSQL by a mapping alone
    std::string login;    ///< "" = "stemma_ro"
    std::string database;
    bool whole_tables{false};
};

/// The SQL, for an administrator to run. Errors: Errc::not_found for the source, Errc::config for mapping and connection,
/// Errc::invalid_input for a login's name that cannot be written.
[[nodiscard]] Result<std::string> erp_grants(const config::Settings& settings, const GrantsRequest& request);

struct SuggestRequest {
    std::string database;  ///< the name of a source, or a connection text
    std::string name{};    ///< of the mapping that is proposed; "" = "my-erp"
    bool sample{true};     ///< also look at some values
    bool anyway{false};    ///< propose one where a shipped mapping fits already
};

struct KnownMapping {
    std::string name, erp, version;
};

struct SuggestAnswer {
    std::string database;             ///< engine and place, without secrets
    std::vector<KnownMapping> known;  ///< mappings that fit this database as it is; the best first
    std::vector<std::string> nearly;  ///< mappings that fit but for some names: "odoo-18: column stock_lot.note: missing"
    std::string yaml;                 ///< the proposal; "" where a known mapping fits
};

/// Errors: Errc::unavailable where the database cannot be reached, Errc::config for a connection that is none, Errc::not_found where
/// nothing in it looks like goods.
[[nodiscard]] Result<SuggestAnswer> erp_suggest(const config::Settings& settings, const SuggestRequest& request);

}  // namespace stemma::app
