#include "adapters/erp/touched.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

namespace stemma::erp {
namespace {

/// SQL that tells the changed rows of a table; none where nothing tells them.
std::optional<std::string> changed_rows(const MappedQuery& query, const std::string& table, const std::vector<std::string>& times,
                                        const ReadMark& mark, const std::optional<Horizon>& horizon, std::chrono::microseconds overlap) {
    if (horizon && mark.horizon && horizon->tables.contains(table)) return written_since(quoted_name(table), *mark.horizon);
    if (times.empty()) return std::nullopt;
    std::vector<std::string> later;
    std::vector<std::string> unknown;
    for (const std::string& time : times) {
        later.push_back(fmt::format("{} >= {}", quoted_name(time), quoted_text(since_text(mark.cursor, overlap))));
        unknown.push_back(quoted_name(time) + " IS NULL");
    }
    // Rows of the query's own table without a change time are read each time, as by the cursor alone.
    if (table == query.table) later.push_back(fmt::format("{}", fmt::join(unknown, " AND ")));
    return fmt::format("{}", fmt::join(later, " OR "));
}

/// On PostgreSQL where the few changed rows of a table stand, as SQL: a plan for these looks nothing else up. Within the snapshot they stay
/// there. None where they are many; "" where there is no changed row.
Result<std::optional<std::string>> places_of(Opened& opened, const std::string& table, const std::string& where) {
    const std::string sql =
        fmt::format("SELECT CAST(ctid AS TEXT) FROM {} WHERE {} LIMIT {}", quoted_name(table), where, kTouchedKeysMax + 1);
    const CountedStatement counted{opened.cost};
    const auto found =
        opened.session->all({"erp.touched_rows", sql.c_str()}, {}, [](const sql::Row& row) { return std::string{row.text(0)}; });
    if (!found) return std::unexpected(found.error());
    if (found->size() > kTouchedKeysMax) return std::nullopt;
    std::vector<std::string> places;
    for (const std::string& place : *found) places.push_back(fmt::format("'{}'", place));
    return places.empty() ? std::string{} : fmt::format("ctid IN ({})", fmt::join(places, ", "));
}

/// The named SELECTs of changed rows, and of all keys that follow from them. Empty where no key can be told, or none is there.
struct Named {
    std::string selects;
    bool followed{false};  ///< changes can be told
};

/// table -> what tells its changed rows, of the tables that are there.
Tables changes_of(const Opened& opened, const Mapping& mapping, const MappedQuery& query, const ReadMark& mark,
                  const std::optional<Horizon>& horizon, std::chrono::microseconds overlap) {
    Tables changes;
    for (const auto& [table, times] : query.cursor->touched->tables) {
        if (columns_read(mapping, query, table, opened.fit.absent).empty() || !opened.catalogue.has({table, {}}))
            continue;  // of a module that is not installed
        if (auto where = changed_rows(query, table, times, mark, horizon, overlap)) changes[table] = {*std::move(where)};
    }
    return changes;
}

std::string selects_of(const Opened& opened, const Mapping& mapping, const MappedQuery& query, const Tables& changes) {
    std::vector<std::string> keys;
    for (const TouchedKeys& each : query.cursor->touched->keys)
        if (std::ranges::all_of(each.tables, [&](const std::string& table) { return changes.contains(table); })) keys.push_back(each.sql);
    if (keys.empty()) return {};
    std::string selects;
    for (const auto& [table, where] : changes) {
        std::vector<std::string> quoted;
        std::ranges::transform(columns_read(mapping, query, table, opened.fit.absent), std::back_inserter(quoted), quoted_name);
        selects += fmt::format(", {} AS (SELECT {} FROM {} WHERE {})", quoted_name("touched_" + table), fmt::join(quoted, ", "),
                               quoted_name(table), where.front());
    }
    return selects + fmt::format(R"(, "touched keys" ("key") AS ({}))", fmt::join(keys, " UNION "));
}

Result<Named> named_selects(Opened& opened, const Mapping& mapping, const MappedQuery& query, const ReadMark& mark,
                            const std::optional<Horizon>& horizon, std::chrono::microseconds overlap) {
    Named named;
    Tables changes = changes_of(opened, mapping, query, mark, horizon, overlap);
    named.followed = !changes.empty();
    for (auto at = changes.begin(); at != changes.end();) {
        auto places = std::optional<std::string>{at->second.front()};
        if (horizon && horizon->placed.contains(at->first)) {
            auto found = places_of(opened, at->first, at->second.front());
            if (!found) return std::unexpected(found.error());
            if (*found) places = **found;
        }
        at->second = {*places};
        at = places->empty() ? changes.erase(at) : std::next(at);
    }
    named.selects = selects_of(opened, mapping, query, changes);
    return named;
}

/// `selection` with the SELECTs in `more`.
std::string keys_statement(const Opened& opened, const Mapping& mapping, const MappedQuery& query, const Selection& selection) {
    return with_parts(mapping, query, opened.fit.absent, selection) +
           fmt::format(R"(SELECT "key" FROM "touched keys" LIMIT {})", kTouchedKeysMax + 1);
}

}  // namespace

bool follows(const MappedQuery& query, const std::optional<Horizon>& horizon) {
    if (!query.cursor || !query.cursor->touched) return false;
    return !query.cursor->touched->tables.at(query.table).empty() || (horizon && horizon->tables.contains(query.table));
}

std::string touched_statement(const Opened& opened, const Mapping& mapping, const MappedQuery& query, const ReadMark& mark,
                              const std::optional<Horizon>& horizon, std::chrono::microseconds overlap) {
    Selection selection;
    selection.engine = opened.session->engine();
    selection.inlined = horizon && horizon->inlines;
    selection.more = selects_of(opened, mapping, query, changes_of(opened, mapping, query, mark, horizon, overlap));
    return selection.more.empty() ? std::string{} : keys_statement(opened, mapping, query, selection);
}

Result<bool> select_touched(Opened& opened, const Mapping& mapping, const MappedQuery& query, const ReadMark& mark,
                            const std::optional<Horizon>& horizon, std::chrono::microseconds overlap, Selection& selection) {
    auto named = named_selects(opened, mapping, query, mark, horizon, overlap);
    if (!named) return std::unexpected(named.error());
    selection.more = std::move(named->selects);
    if (mark.partly || !named->followed) {
        selection.since = quoted_text(since_text(mark.cursor, overlap));
        if (!selection.more.empty()) selection.keys = R"((SELECT "key" FROM "touched keys"))";
        return true;
    }
    if (selection.more.empty()) return false;
    selection.inlined = horizon && horizon->inlines;
    const std::string sql = keys_statement(opened, mapping, query, selection);
    selection.inlined = false;
    const auto keys = [&] {
        const CountedStatement counted{opened.cost};
        return opened.session->all({"erp.touched", sql.c_str()}, {}, [](const sql::Row& row) {
            const auto key = row.maybe_text(0);  // NULL is the key of no row
            return key ? std::optional{std::string{*key}} : std::nullopt;
        });
    }();
    if (!keys) return std::unexpected(keys.error());
    if (keys->size() > kTouchedKeysMax) {
        selection.keys = R"((SELECT "key" FROM "touched keys"))";
        return true;
    }
    std::vector<std::string> literals;
    for (const std::optional<std::string>& key : *keys) {
        if (!key) continue;
        auto literal = key_literal(query, *key);
        if (!literal) return std::unexpected(literal.error());
        literals.push_back(*std::move(literal));
    }
    selection.more.clear();
    selection.keys = fmt::format("({})", fmt::join(literals, ", "));
    return !literals.empty();
}

}  // namespace stemma::erp
