#include "adapters/erp/source.hpp"

#include <fmt/format.h>

#include <utility>

#include "adapters/erp/check.hpp"
#include "adapters/erp/nearest.hpp"
#include "adapters/erp/reading.hpp"
#include "adapters/erp/sql_text.hpp"
#include "core/base/text.hpp"

namespace stemma::erp {
namespace {

class MappedSource final : public ErpSource {
public:
    MappedSource(SourceSettings settings, std::shared_ptr<const Mapping> mapping)
        : settings_{std::move(settings)}, mapping_{std::move(mapping)} {}

    [[nodiscard]] const std::string& name() const override { return settings_.name; }

    [[nodiscard]] std::vector<std::string> queries() const override {
        std::vector<std::string> names;
        for (const MappedQuery& query : mapping_->queries) names.push_back(query.name);
        return names;
    }

    [[nodiscard]] Result<SourceReport> fit() override { return report_with(RowCounts::left_out); }
    [[nodiscard]] Result<SourceReport> check() override { return report_with(RowCounts::taken); }

    [[nodiscard]] Result<std::unique_ptr<SourceReading>> read(const ReadPlan& plan) override {
        std::map<std::string, ReadMark> marks;
        for (const auto& [query, text] : plan.cursors) {
            if (text.empty() || mapping_->find(query) == nullptr) continue;
            auto mark = parse_mark(text);
            if (!mark) return fail(std::move(mark));
            marks.emplace(query, std::move(*mark));
        }
        auto opened = open_fitting();
        if (!opened) return fail(std::move(opened));
        std::optional<Horizon> horizon;
        if (settings_.horizon) {
            auto read = read_horizon(*opened->session);
            if (!read) return fail(std::move(read));
            horizon = std::move(*read);
        }
        return std::make_unique<Reading>(settings_, mapping_, std::move(*opened), std::move(horizon), plan, std::move(marks), notice_);
    }

    [[nodiscard]] Result<SourcePreview> preview(const std::string& name, std::uint64_t rows_max) override {
        const MappedQuery* query = mapping_->find(name);
        if (query == nullptr)
            return fail(Errc::not_found, fmt::format("mapping {} has no query '{}'", mapping_->name, clip(name)), {},
                        did_you_mean(name, queries()));
        auto opened = open_fitting();
        if (!opened) return fail(std::move(opened));
        const std::string sql = compose(*mapping_, *query, opened->fit.absent,
                                        {.since = {},
                                         .keys = {},
                                         .more = {},
                                         .inlined = false,
                                         .ordered = true,
                                         .rows = rows_max,
                                         .engine = opened->session->engine()});
        auto feed = RowFeed::start(*opened->session, opened->cost, "erp." + name, sql, query->columns.size(), settings_.batch_rows);
        if (!feed) return std::unexpected(explain(std::move(feed).error(), settings_.connection, *mapping_, *query));
        return preview_of(*query, **feed);
    }

private:
    [[nodiscard]] Result<SourceReport> report_with(RowCounts counts) const {
        auto opened = open_for_reading(settings_.connection, *mapping_);
        if (!opened) return fail(std::move(opened));
        auto made = report(settings_, *mapping_, *opened, counts);
        if (!made || made->fits) return made;
        if (auto nearest = nearest_mapping(*mapping_, settings_.others(), opened->catalogue)) {
            made->nearest = nearest->message + (nearest->hint.starts_with("set ") ? ": " + nearest->hint : "");
            made->findings.push_back(*std::move(nearest));
        }
        return made;
    }

    /// Errors: Errc::config when the mapping does not fit, Errc::unavailable.
    [[nodiscard]] Result<Opened> open_fitting() const {
        auto opened = open_for_reading(settings_.connection, *mapping_);
        if (opened && !opened->fit.ok()) return std::unexpected(misfit(*mapping_, opened->fit));
        return opened;
    }

    [[nodiscard]] Result<SourcePreview> preview_of(const MappedQuery& query, RowFeed& feed) const {
        SourcePreview preview;
        const RowMapper mapper{*mapping_, query, settings_.name};
        for (const Column& column : query.columns) preview.columns.push_back(column.name);
        while (feed.has_row()) {
            std::vector<std::string>& raw = preview.rows.emplace_back();
            for (const std::optional<std::string_view>& value : feed.row()) raw.emplace_back(value.value_or(""));
            MappedRow row = mapper.map(feed.row());
            if (row.result)
                preview.records.push_back(std::move(*row.result));
            else
                preview.rejects.push_back(std::move(row.result).error());
            if (auto advanced = feed.advance(); !advanced)
                return std::unexpected(explain(std::move(advanced).error(), settings_.connection, *mapping_, query));
        }
        return preview;
    }

    SourceSettings settings_;
    std::shared_ptr<const Mapping> mapping_;
    std::shared_ptr<AheadNotice> notice_{std::make_shared<AheadNotice>()};  ///< outlives a reading: it knows what was said before
};

}  // namespace

Result<std::unique_ptr<ErpSource>> make_source(SourceSettings settings, std::shared_ptr<const Mapping> mapping) {
    if (settings.name.empty()) return fail(Errc::config, "an ERP source needs a name");
    if (settings.batch_rows == 0 || settings.batch_rows > kBatchRowsMax)
        return fail(Errc::config, fmt::format("batch_rows is {}, 1 to {} are allowed", settings.batch_rows, kBatchRowsMax));
    if (settings.overlap.count() < 0) return fail(Errc::config, "the overlap is negative");
    settings.connection.read_only = true;
    settings.connection.durable = false;
    return std::make_unique<MappedSource>(std::move(settings), std::move(mapping));
}

}  // namespace stemma::erp
