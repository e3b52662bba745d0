#include "adapters/erp/touched.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

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

Result<Named> named_selects(Opened& opened, const Mapping& mapping, const MappedQuery& query, const ReadMark& mark,
                            const std::optional<Horizon>& horizon, std::chrono::microseconds overlap) {
    const Touched& touched = *query.cursor->touched;
    Named named;
    std::map<std::string, std::string> told;  // table -> its SELECT
    for (const auto& [table, times] : touched.tables) {
        const std::vector<std::string> columns = columns_read(mapping, query, table, opened.fit.absent);
        if (columns.empty() || !opened.catalogue.has({table, {}})) continue;  // of a module that is not installed
        auto where = changed_rows(query, table, times, mark, horizon, overlap);
        if (!where) continue;
        named.followed = true;
        if (horizon && horizon->placed.contains(table)) {
            auto places = places_of(opened, table, *where);
            if (!places) return std::unexpected(places.error());
            if (*places && (*places)->empty()) continue;
            if (*places) where = std::move(**places);
        }
        std::vector<std::string> quoted;
        std::ranges::transform(columns, std::back_inserter(quoted), quoted_name);
        told[table] = fmt::format(", {} AS (SELECT {} FROM {} WHERE {})", quoted_name("touched_" + table), fmt::join(quoted, ", "),
                                  quoted_name(table), *where);
    }
    std::vector<std::string> keys;
    for (const TouchedKeys& each : touched.keys)
        if (std::ranges::all_of(each.tables, [&](const std::string& table) { return told.contains(table); })) keys.push_back(each.sql);
    if (keys.empty()) return named;
    for (const auto& [table, select] : told) named.selects += select;
    named.selects += fmt::format(R"(, "touched keys" ("key") AS ({}))", fmt::join(keys, " UNION "));
    return named;
}

}  // namespace

bool follows(const MappedQuery& query, const std::optional<Horizon>& horizon) {
    if (!query.cursor || !query.cursor->touched) return false;
    return !query.cursor->touched->tables.at(query.table).empty() || (horizon && horizon->tables.contains(query.table));
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
    const std::string sql = fmt::format(R"({}SELECT "key" FROM "touched keys" LIMIT {})",
                                        with_parts(mapping, query, opened.fit.absent, selection), kTouchedKeysMax + 1);
    selection.inlined = false;
    const bool whole = query.columns[query.key].type == ColumnType::integer;
    const auto literal = [&](const sql::Row& row) { return whole ? std::string{row.text(0)} : quoted_text(row.text(0)); };
    const auto keys = [&] {
        const CountedStatement counted{opened.cost};
        return opened.session->all({"erp.touched", sql.c_str()}, {}, literal);
    }();
    if (!keys) return std::unexpected(keys.error());
    if (keys->size() > kTouchedKeysMax) {
        selection.keys = R"((SELECT "key" FROM "touched keys"))";
        return true;
    }
    selection.more.clear();
    selection.keys = fmt::format("({})", fmt::join(*keys, ", "));
    return !keys->empty();
}

}  // namespace stemma::erp
