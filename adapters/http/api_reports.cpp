// /reports: tables that plugins make of facts, as JSON, CSV or XLSX. A report counts as a large question: it takes its turn with large
// traces.
#include <fmt/format.h>

#include <array>
#include <vector>

#include "adapters/http/api.hpp"
#include "adapters/http/api_lineage.hpp"
#include "adapters/sheet/sheet.hpp"
#include "core/base/text.hpp"

namespace stemma::http {
namespace {

constexpr std::string_view kXlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr std::string_view kCsv = "text/csv; charset=utf-8";

enum class Form : unsigned char { json, csv, xlsx };

/// What `format` names; without it what `Accept` asks for, JSON where it asks for neither sheet.
Result<Form> form_of(const Request& request) {
    if (const auto named = request.parameter("format")) {
        if (*named == "json") return Form::json;
        if (*named == "csv") return Form::csv;
        if (*named == "xlsx") return Form::xlsx;
        return fail(Errc::invalid_input, fmt::format("'{}' is no form of a report: json, csv, xlsx", clip(*named)), "?format");
    }
    const std::string_view accept = request.header("accept");
    if (accept.contains(kXlsx)) return Form::xlsx;
    return accept.contains("text/csv") && !accept.contains("application/json") ? Form::csv : Form::json;
}

void write_columns(json::Writer& out, const std::vector<ReportColumn>& columns) {
    out.list("columns", columns, [&](const ReportColumn& column) {
        out.begin_object();
        out.field("name", column.name);
        out.field("type", to_string(column.type));
        write_flag(out, "required", column.required);
        out.end_object();
    });
}

Result<std::string> list(Api& api, const Request&) {
    const auto set = api.engine.plugins();
    json::Writer out;
    out.begin_object();
    out.key("reports");
    out.begin_array();
    for (const Report* report : set->reports()) {
        const ReportInfo& about = report->about();
        out.begin_object();
        out.field("name", about.name);
        out.field("title", about.title);
        out.field("summary", about.summary);
        out.field("subject", to_string(about.subject));
        out.field("plugin", fmt::format("{} {}", report->plugin().id, report->plugin().version));
        out.key("parameters");
        out.begin_array();
        for (const ReportParameter& one : about.parameters) {
            out.begin_object();
            out.field("name", one.name);
            out.field("type", to_string(one.type));
            out.field("summary", one.summary);
            write_flag(out, "required", one.required);
            if (!one.fallback.empty()) out.field("fallback", one.fallback);
            out.end_object();
        }
        out.end_array();
        write_columns(out, about.columns);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

void write_value(json::Writer& out, const Value& value) {
    if (std::holds_alternative<std::monostate>(value))
        out.raw("null");
    else if (const auto* number = std::get_if<std::int64_t>(&value))
        out.raw(fmt::format("{}", *number));
    else if (const auto* flag = std::get_if<bool>(&value))
        out.raw(*flag ? "true" : "false");
    else if (const auto* amount = std::get_if<Quantity>(&value))
        out.raw(fmt::format(R"({{"quantity":{},"uom":{}}})", format_micros(amount->micros), json_quote(amount->unit)));
    else
        out.raw(json_quote(to_text(value)));
}

std::string digest_text(const engine::ReportTable& made) { return to_hex(digest_of({made.table})); }

std::string json_of(const engine::ReportTable& made) {
    json::Writer out;
    out.begin_object();
    out.field("report", made.about.name);
    out.field("title", made.about.title);
    out.field("plugin", made.plugin.id);
    out.field("version", made.plugin.version);
    out.field("binarySha256", made.plugin.binary_sha256);
    out.field("optionsSha256", made.plugin.options_sha256);
    if (!made.plugin.data_sha256.empty()) out.field("dataSha256", made.plugin.data_sha256);
    out.number("position", made.position);
    out.field("asOf", format_instant(made.as_of));
    out.key("parameters");
    out.begin_object();
    for (const auto& [name, value] : made.parameters) out.field(name, value);
    out.end_object();
    out.number("subjects", made.subjects);
    out.field("tableSha256", digest_text(made));
    write_columns(out, made.about.columns);
    out.key("rows");
    out.begin_array();
    for (const ReportRow& row : made.table.rows) {
        out.begin_array();
        for (const Value& value : row) write_value(out, value);
        out.end_array();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

sheet::About about_of(const engine::ReportTable& made) {
    sheet::About about{made.about.title, made.as_of, {}};
    auto& facts = about.facts;
    facts.emplace_back("report", made.about.name);
    facts.emplace_back("as of", format_instant(made.as_of));
    facts.emplace_back("ledger position", fmt::format("{}", made.position));
    facts.emplace_back("subjects", fmt::format("{}", made.subjects));
    facts.emplace_back("rows", fmt::format("{}", made.table.rows.size()));
    for (const auto& [name, value] : made.parameters) facts.emplace_back("parameter " + name, value);
    facts.emplace_back("plugin", fmt::format("{} {}", made.plugin.id, made.plugin.version));
    facts.emplace_back("plugin SHA-256", made.plugin.binary_sha256);
    facts.emplace_back("options SHA-256", made.plugin.options_sha256);
    if (!made.plugin.data_sha256.empty()) facts.emplace_back("data SHA-256", made.plugin.data_sha256);
    facts.emplace_back("table SHA-256", digest_text(made));
    return about;
}

/// A report's file is told by its name and day; what it was made of stands in the headers, where the form has no place for it.
Response file_response(const engine::ReportTable& made, std::string_view extension, std::string_view type, std::string body) {
    Response response{200, std::string{type}, std::move(body), {}};
    response.headers["Content-Disposition"] =
        fmt::format("attachment; filename=\"{}-{}.{}\"", made.about.name, format_date(made.as_of), extension);
    response.headers["Stemma-Position"] = fmt::format("{}", made.position);
    response.headers["Stemma-Table-Sha256"] = digest_text(made);
    return response;
}

Result<engine::ReportWish> wish_of(Api& api, const Request& request) {
    engine::ReportWish wish;
    wish.as_of = api.engine.now();
    wish.cancel = request.cancel;
    for (const auto& [name, value] : request.query) {
        if (name == "format") continue;
        if (name == "as_of_time") {
            const auto time = parse_time(value);
            if (!time) return fail(Errc::invalid_input, time.error().message, "?as_of_time");
            wish.as_of = time->instant;
        } else if (name == "product") {
            const auto snapshot = api.engine.read();
            if (!snapshot) return std::unexpected(snapshot.error());
            const auto product = engine::Queries{**snapshot, api.engine.index(), api.engine.limits()}.product(value);
            if (!product) return std::unexpected(product.error());
            wish.product = product->id;
        } else {
            wish.parameters.emplace(name, value);
        }
    }
    return wish;
}

Response run(Api& api, const Request& request) {
    const auto form = form_of(request);
    if (!form) return problem(form.error());
    const auto wish = wish_of(api, request);
    if (!wish) return problem(wish.error());
    const auto lease = lease_for(api, SIZE_MAX);
    if (!lease) return problem(lease.error());
    const auto made = api.engine.report(request.argument("name"), *wish);
    if (!made) return problem(made.error());
    if (*form == Form::json) return {200, "application/json", json_of(*made), {}};
    if (*form == Form::csv) return file_response(*made, "csv", kCsv, sheet::csv_of(made->table));
    auto book = sheet::xlsx_of(made->table, about_of(*made));
    return book ? file_response(*made, "xlsx", kXlsx, *std::move(book)) : problem(book.error());
}

}  // namespace

void add_report_routes(Router& router, Api& api) {
    router.add({"GET", "/api/v1/reports", {}, json_handler([&](const Request& r) { return list(api, r); })});
    Route report{"GET", "/api/v1/reports/{name}", {"format", "product", "as_of_time"}, [&](const Request& r) { return run(api, r); }};
    report.own_parameters = true;
    router.add(std::move(report));
}

}  // namespace stemma::http
