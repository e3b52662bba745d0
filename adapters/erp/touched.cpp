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

/// The named SELECTs of changed rows, and of all keys that follow from them. Empty where no key can be told.
std::string named_selects(const Opened& opened, const Mapping& mapping, const MappedQuery& query, const ReadMark& mark,
                          const std::optional<Horizon>& horizon, std::chrono::microseconds overlap) {
    const Touched& touched = *query.cursor->touched;
    std::map<std::string, std::string> told;  // table -> its SELECT
    for (const auto& [table, times] : touched.tables) {
        const std::vector<std::string> columns = columns_read(mapping, query, table, opened.fit.absent);
        if (columns.empty() || !opened.catalogue.has({table, {}})) continue;  // of a module that is not installed
        const auto where = changed_rows(query, table, times, mark, horizon, overlap);
        if (!where) continue;
        std::vector<std::string> quoted;
        std::ranges::transform(columns, std::back_inserter(quoted), quoted_name);
        told[table] = fmt::format(", {} AS (SELECT {} FROM {} WHERE {})", quoted_name("touched_" + table), fmt::join(quoted, ", "),
                                  quoted_name(table), *where);
    }
    std::vector<std::string> keys;
    for (const TouchedKeys& each : touched.keys)
        if (std::ranges::all_of(each.tables, [&](const std::string& table) { return told.contains(table); })) keys.push_back(each.sql);
    if (keys.empty()) return {};
    std::string text;
    for (const auto& [table, select] : told) text += select;
    return text + fmt::format(", \"touched keys\" (key) AS ({})", fmt::join(keys, " UNION "));
}

}  // namespace

bool follows(const MappedQuery& query, const std::optional<Horizon>& horizon) {
    if (!query.cursor || !query.cursor->touched) return false;
    return !query.cursor->touched->tables.at(query.table).empty() || (horizon && horizon->tables.contains(query.table));
}

Result<bool> select_touched(Opened& opened, const Mapping& mapping, const MappedQuery& query, const ReadMark& mark,
                            const std::optional<Horizon>& horizon, std::chrono::microseconds overlap, Selection& selection) {
    selection.more = named_selects(opened, mapping, query, mark, horizon, overlap);
    if (mark.partly || selection.more.empty()) {
        selection.since = quoted_text(since_text(mark.cursor, overlap));
        if (!selection.more.empty()) selection.keys = "(SELECT key FROM \"touched keys\")";
        return true;
    }
    const std::string sql = fmt::format("{}SELECT key FROM \"touched keys\" LIMIT {}",
                                        with_parts(mapping, query, opened.fit.absent, selection), kTouchedKeysMax + 1);
    const bool whole = query.columns[query.key].type == ColumnType::integer;
    const auto literal = [&](const sql::Row& row) { return whole ? std::string{row.text(0)} : quoted_text(row.text(0)); };
    const auto keys = opened.session->all({"erp.touched", sql.c_str()}, {}, literal);
    if (!keys) return std::unexpected(keys.error());
    if (keys->size() > kTouchedKeysMax) {
        selection.keys = "(SELECT key FROM \"touched keys\")";
        return true;
    }
    selection.more.clear();
    selection.keys = fmt::format("({})", fmt::join(*keys, ", "));
    return !keys->empty();
}

}  // namespace stemma::erp
