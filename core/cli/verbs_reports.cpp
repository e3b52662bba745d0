// report: the tables that plugins make, on the console or as a file for a spreadsheet.
#include <fmt/format.h>

#include <array>
#include <fstream>
#include <ostream>

#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

std::string parameters_text(const Json& report) {
    std::string out;
    for (const Json& one : list_at(report, "parameters")) {
        const std::string fallback = text_at(one, "fallback");
        out += fmt::format("{}{}{}{}", out.empty() ? "" : ", ", text_at(one, "name"), flag_at(one, "required") ? "!" : "",
                           fallback.empty() ? "" : "=" + fallback);
    }
    return out;
}

std::string list_text(const Json& reports, const Look& look) {
    Table table{{{"report"}, {"title"}, {"about"}, {"parameters"}, {"plugin"}}};
    for (const Json& one : list_at(reports, "reports"))
        table.add({text_at(one, "name"), text_at(one, "title"), text_at(one, "subject"), parameters_text(one), text_at(one, "plugin")});
    if (table.empty()) return "No enabled plugin brings reports: stemma plugin enable expiry\n";
    return table.text(look, 0);
}

/// A cell for people: a time at the beginning of a day is that day.
std::string cell_text(const Json& value, std::string_view type) {
    constexpr std::string_view kMidnight = "T00:00:00Z";
    if (value.is_null()) return {};
    if (type == "quantity") return quantity_text(value);
    std::string text = text_of(value);
    if (type == "time" && text.ends_with(kMidnight)) return text.substr(0, text.size() - kMidnight.size());
    return type == "time" ? short_time(text) : text;
}

std::string report_text(const Json& report, const Look& look) {
    std::vector<Column> columns;
    std::vector<std::string> types;
    for (const Json& column : list_at(report, "columns")) {
        types.push_back(text_at(column, "type"));
        const bool right = types.back() == "int64" || types.back() == "quantity";
        columns.push_back({words(text_at(column, "name")), right ? Align::right : Align::left});
    }
    Table table{std::move(columns)};
    const auto rows = list_at(report, "rows");
    for (const Json& row : rows) {
        std::vector<Cell> cells;
        cells.reserve(types.size());
        for (std::size_t i = 0; i < types.size(); ++i) cells.emplace_back(cell_text(row.as_array().at(i), types[i]));
        table.add(std::move(cells));
    }
    return heading(look, fmt::format("{}: {}", text_at(report, "title"), counted(rows.size(), "row"))) + table.text(look) +
           fmt::format("  as of {}, ledger position {}, {} asked about, by {} {}\n", short_time(text_at(report, "asOf")),
                       text_at(report, "position"), grouped(count_at(report, "subjects")), text_at(report, "plugin"),
                       text_at(report, "version"));
}

/// What --format names; else what the file's name ends with; else "": for people.
std::string format_of(const Invocation& call) {
    if (!call.format.empty()) return call.format;
    if (call.json) return "json";
    const std::string extension = call.output ? call.output->extension().string() : std::string{};
    for (const char* known : {"csv", "xlsx", "json"})
        if (extension == fmt::format(".{}", known)) return known;
    return call.output ? "csv" : "";
}

http::Request request_of(const Invocation& call, const std::string& format) {
    Query query;
    for (const auto& [name, value] : call.fields) query[name] = value;
    add(query, "product", call.product);
    add(query, "as_of_time", call.as_of_time);
    add(query, "format", format);
    return get(api_path("reports/", call.subject), query);
}

ExitCode write_out(Session& session, const std::string& body) {
    const Invocation& call = session.call();
    if (!call.output || *call.output == "-") {
        session.screen().out << body;
        return ExitCode::done;
    }
    std::ofstream file(*call.output, std::ios::binary | std::ios::trunc);
    file << body;
    file.close();
    if (!file) return session.fail(Error{Errc::invalid_input, "cannot be written", call.output->string(), {}});
    session.screen().err << fmt::format("{} bytes in {}\n", grouped(body.size()), call.output->string());
    return ExitCode::done;
}

}  // namespace

ExitCode report_list(Session& session) {
    return session.show(get("/api/v1/reports"), [&](const Json& answer) { return list_text(answer, session.look()); });
}

ExitCode report_run(Session& session) {
    const Invocation& call = session.call();
    const std::string format = format_of(call);
    if (format.empty())
        return session.show(request_of(call, "json"), [&](const Json& answer) { return report_text(answer, session.look()); });
    if (format == "xlsx" && !call.output)
        return session.fail(
            Error{Errc::invalid_input, "a workbook is no text: name a file for it", "--format xlsx",
                  fmt::format("stemma report run {} -o {}.xlsx; -o - writes it to standard output", call.subject, call.subject)});
    std::string body;
    if (const ExitCode asked = session.fetch(request_of(call, format), body); asked != ExitCode::done) return asked;
    if (format == "json") body += '\n';
    return write_out(session, body);
}

}  // namespace stemma::cli
