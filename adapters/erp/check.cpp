#include "adapters/erp/check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "adapters/erp/check_server.hpp"
#include "adapters/erp/grants.hpp"
#include "adapters/erp/horizon.hpp"
#include "adapters/erp/sql_text.hpp"
#include "core/base/text.hpp"

namespace stemma::erp {
namespace {

using Level = SourceFinding::Level;

class Check {
public:
    Check(const SourceSettings& settings, const Mapping& mapping, Opened& opened, RowCounts counts)
        : settings_{settings}, mapping_{mapping}, opened_{opened}, counts_{counts}, read_{tables_read(mapping, opened.fit.absent)} {}

    Result<SourceReport> run() {
        report_.source = settings_.name;
        report_.erp = mapping_.erp;
        report_.mapping = mapping_.name;
        report_.database = sql::describe(settings_.connection);
        version();
        if (auto told = tables(); !told) return fail(std::move(told));
        for (const std::size_t part : opened_.fit.absent)
            say(Level::note, fmt::format("part {}", mapping_.parts[part].name), mapping_.parts[part].without, absent_names(part));
        rights();
        row_versions();
        report_.fits = opened_.fit.ok();
        for (const MappedQuery& query : mapping_.queries) {
            if (report_.fits || stands(query))
                if (auto told = describe(query); !told) return fail(std::move(told));
            report_.reads.emplace_back(query.name, becomes(query));
        }
        if (counts_ == RowCounts::taken) look_at_server(settings_, mapping_, opened_, report_);
        return std::move(report_);
    }

private:
    void say(Level level, std::string subject, std::string message, std::string hint = {}) {
        report_.findings.push_back({level, std::move(subject), std::move(message), std::move(hint)});
    }

    void version() {
        const std::string subject = fmt::format("{} {}", mapping_.erp, mapping_.version);
        if (opened_.fit.mistaken) {
            say(Level::error, subject, fmt::format("another version: {}", *opened_.fit.mistaken), "use the mapping of that version");
            return;
        }
        const bool known = std::ranges::all_of(mapping_.fingerprint,
                                               [&](const auto& entry) {
                                                   return std::ranges::all_of(entry.second, [&](const std::string& column) {
                                                       return opened_.catalogue.has({entry.first, column});
                                                   });
                                               }) &&
                           std::ranges::all_of(mapping_.one_of, [&](const std::vector<CatalogueName>& names) {
                               return std::ranges::any_of(names, [&](const CatalogueName& name) { return opened_.catalogue.has(name); });
                           });
        if (known) {
            report_.version = mapping_.version;
            say(Level::ok, subject, "tables and columns as this version has them");
        } else {
            say(Level::error, subject, "names that this version has are missing, as told below");
        }
    }

    /// One finding per table, or one per missing name of it.
    Result<void> tables() {
        for (const Missing& missing : opened_.fit.missing)
            say(Level::error, subject_of(missing), message_of(missing),
                may_be_a_right(missing) ? grant_sql(opened_.session->engine(), opened_.catalogue, missing.name.table) : "");
        for (const auto& [table, columns] : read_) {
            const bool broken =
                std::ranges::any_of(opened_.fit.missing, [&](const Missing& missing) { return missing.name.table == table; });
            if (broken) continue;
            std::string message = fmt::format("{} columns", columns.size());
            if (counts_ == RowCounts::taken) {
                const auto rows = count(table);
                if (!rows && !opened_.session->usable()) return std::unexpected(rows.error());
                if (!rows) opened_.session->roll_back();  // PostgreSQL refuses whatever follows an error in its transaction
                if (!rows && rows.error().code != Errc::unavailable) {
                    say(Level::error, fmt::format("table {}", table), rows.error().message, rows.error().hint);
                    continue;
                }
                if (rows) report_.row_counts.emplace_back(table, *rows);
                message += rows ? fmt::format(", {} rows", *rows) : fmt::format("; not counted: {}", rows.error().message);
            }
            say(Level::ok, fmt::format("table {}", table), std::move(message));
        }
        return {};
    }

    Result<std::uint64_t> count(const std::string& table) {
        const std::string text = fmt::format("SELECT count(*) FROM {}", quoted_name(table));
        const auto rows = opened_.session->first({"erp.count", text.c_str()}, {}, [](const sql::Row& row) { return row.integer(0); });
        if (!rows) return std::unexpected(rows.error());
        return static_cast<std::uint64_t>(rows->value_or(0));
    }

    [[nodiscard]] std::string absent_names(std::size_t part) const {
        std::vector<std::string> names;
        for (const CatalogueName& name : mapping_.parts[part].optional) names.push_back(name.text());
        return fmt::format("not there: {}", fmt::join(names, ", "));
    }

    static bool may_be_a_right(const Missing& missing) { return missing.unreadable || (missing.unknown && missing.nearest.empty()); }

    void rights() {
        if (opened_.session->engine() == sql::Engine::sqlite) {
            say(Level::note, "rights", "the file is opened for reading only");
            return;
        }
        std::vector<std::string> writable;
        for (const auto& [table, columns] : read_)
            if (const auto found = opened_.catalogue.tables.find(table); found != opened_.catalogue.tables.end() && found->second.writable)
                writable.push_back(table);
        if (writable.empty()) {
            say(Level::ok, "rights", fmt::format("login '{}' may read and cannot write", opened_.catalogue.login));
            return;
        }
        say(Level::warning, "rights",
            fmt::format("login '{}' could write to {} of {} tables ({}); the session is read-only all the same", opened_.catalogue.login,
                        writable.size(), read_.size(), writable.front()),
            fmt::format("use a login of its own; its SQL: stemma erp grants {}", settings_.name));
    }

    /// On PostgreSQL, whether the login sees which transaction wrote a row of the tables that are followed.
    void row_versions() {
        if (opened_.session->engine() != sql::Engine::postgresql || !opened_.fit.ok()) return;
        const auto horizon = read_horizon(*opened_.session);
        if (!horizon || !*horizon) return;
        std::set<std::string> untold;
        for (const MappedQuery& query : mapping_.queries)
            if (query.cursor && query.cursor->touched)
                for (const auto& [table, times] : query.cursor->touched->tables)
                    if (opened_.catalogue.has({table, {}}) && !(*horizon)->tables.contains(table)) untold.insert(table);
        if (untold.empty()) return;
        std::string grants;
        for (const std::string& table : untold)
            grants += fmt::format("{}GRANT SELECT (xmin, ctid) ON {} TO {}", grants.empty() ? "" : "; ", quoted_name(table),
                                  quoted_name(opened_.catalogue.login));
        say(Level::warning, "row versions",
            fmt::format("login '{}' does not see which transaction wrote a row of {}: what is committed late, or without a change time, is "
                        "found by the next full reading only",
                        opened_.catalogue.login, fmt::join(untold, ", ")),
            std::move(grants));
    }

    /// Whether nothing that the query reads is missing.
    [[nodiscard]] bool stands(const MappedQuery& query) const {
        return std::ranges::none_of(opened_.fit.missing, [&](const Missing& missing) {
            const auto reads = [&](const Tables& tables) { return tables.contains(missing.name.table); };
            return reads(query.tables) ||
                   std::ranges::any_of(query.uses, [&](std::size_t part) { return reads(mapping_.parts[part].tables); });
        });
    }

    /// Errors: Errc::unavailable where the server did not answer: that says nothing of the mapping.
    Result<void> describe(const MappedQuery& query) {
        const std::string subject = fmt::format("query {}", query.name);
        const std::string text = compose(
            mapping_, query, opened_.fit.absent,
            {.since = {}, .keys = {}, .more = {}, .inlined = false, .ordered = true, .rows = 0, .engine = opened_.session->engine()});
        const auto columns = opened_.session->columns({"erp.describe", text.c_str()});
        if (!columns && columns.error().code != Errc::config)
            return fail(columns.error().code, fmt::format("query '{}' on table {}: {}", query.name, query.table, columns.error().message),
                        columns.error().where, columns.error().hint);
        if (!columns) {
            report_.fits = false;
            say(Level::error, subject, columns.error().message, query.where);
            opened_.session->roll_back();
            return {};
        }
        std::vector<std::string> declared;
        declared.reserve(query.columns.size());
        for (const Column& column : query.columns) declared.push_back(column.name);
        if (*columns == declared) {
            say(Level::ok, subject, fmt::format("{} columns as declared", declared.size()));
            if (counts_ == RowCounts::taken) key_twice(query, subject);
            return {};
        }
        report_.fits = false;
        say(Level::error, subject,
            fmt::format("gives the columns {}; declared are {}", fmt::join(*columns, ", "), fmt::join(declared, ", ")), query.where);
        return {};
    }

    /// A key that two rows share: a sync takes the first of them and rejects the others.
    void key_twice(const MappedQuery& query, const std::string& subject) {
        const std::string key = quoted_name(query.columns[query.key].name);
        const std::string text =
            fmt::format("SELECT {0}, count(*) FROM ({1}) AS rows_of_query GROUP BY {0} HAVING count(*) > 1 LIMIT 1", key,
                        compose(mapping_, query, opened_.fit.absent, {.since = {}, .rows = {}, .engine = opened_.session->engine()}));
        const auto twice = opened_.session->first({"erp.key_twice", text.c_str()}, {}, [](const sql::Row& row) {
            return fmt::format("{} rows have the key '{}'", row.integer(1), clip(row.text(0)));
        });
        if (!twice) {
            say(Level::note, subject, "whether two rows have one key cannot be seen: " + twice.error().message);
            opened_.session->roll_back();
        } else if (*twice) {
            say(Level::warning, subject, **twice,
                fmt::format("a sync takes one of them and rejects the others: '{}' of the mapping must tell rows apart",
                            query.columns[query.key].name));
        }
    }

    const SourceSettings& settings_;
    const Mapping& mapping_;
    Opened& opened_;
    RowCounts counts_;
    Tables read_;
    SourceReport report_;
};

}  // namespace

Result<SourceReport> report(const SourceSettings& settings, const Mapping& mapping, Opened& opened, RowCounts counts) {
    return Check{settings, mapping, opened, counts}.run();
}

}  // namespace stemma::erp
