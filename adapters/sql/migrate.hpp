// Brings a database to the schema this program was built with: numbered SQL files, forward only, each in one transaction,
// each remembered with the SHA-256 of its text in the table schema_migration.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sql/session.hpp"

namespace stemma::sql {

/// One file. `name` is "0001_ledger.sql": four digits, numbered from 1 without a gap.
struct Migration {
    std::string_view name;
    std::string_view text;
};

/// The statements of a file, without the semicolons between them. Knows texts, quoted names, both kinds of comments, $tag$ bodies and
/// triggers with BEGIN ... END. Errors: Errc::config where a text or comment is not closed.
[[nodiscard]] Result<std::vector<std::string>> split_statements(std::string_view text);

/// Applies what is missing; how many files that were. Two programs may do it at once.
/// Errors: Errc::storage, by the file's name: the database is newer than this program; an applied file's text has changed.
[[nodiscard]] Result<std::size_t> migrate(Session& session, std::span<const Migration> migrations);

/// Whether all of them have been applied and nothing else, without changing anything.
/// Errors: as migrate(), and Errc::storage when some are missing.
[[nodiscard]] Result<void> check_schema(Session& session, std::span<const Migration> migrations);

}  // namespace stemma::sql
