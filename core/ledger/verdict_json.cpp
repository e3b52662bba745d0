// Fact tables, verdicts and judgements as JSON. A cell is written by its column's type: 12, true, "text", "2026-03-01T10:00:00Z",
// {"quantity":1.5,"uom":"KGM"}; null where there is no value.
#include <fmt/format.h>

#include <array>

#include "core/domain/names.hpp"
#include "core/ledger/codec_parts.hpp"

namespace stemma::json {
namespace {

constexpr std::array kColumnTypes{ColumnType::int64, ColumnType::boolean, ColumnType::text, ColumnType::time, ColumnType::quantity};

Result<ColumnType> column_type_from(std::string_view text) {
    for (const ColumnType type : kColumnTypes)
        if (to_string(type) == text) return type;
    return fail(Errc::invalid_input, fmt::format("'{}' is not a type of column", clip(text)), {},
                "it may be int64, bool, text, time or quantity");
}

void write_cell(Writer& out, const Value& value) {
    struct Visitor {
        Writer& out;
        void operator()(std::monostate) const { out.raw("null"); }
        void operator()(std::int64_t number) const { out.raw(fmt::format_int(number).c_str()); }
        void operator()(bool flag) const { out.raw(flag ? "true" : "false"); }
        void operator()(const std::string& text) const { out.string(text); }
        void operator()(Instant instant) const { out.string(format_instant(instant)); }
        void operator()(const Quantity& quantity) const {
            out.begin_object();
            write_quantity(out, "quantity", quantity);
            out.end_object();
        }
    };
    std::visit(Visitor{out}, value);
}

Value read_cell(Reading& in, const Node& node, ColumnType type) {
    if (node.kind == Node::Kind::null) return {};
    switch (type) {
        case ColumnType::int64: return in.integer(node);
        case ColumnType::boolean: return in.flag(node);
        case ColumnType::text: return in.string(node);
        case ColumnType::time: return in.time(node).instant;
        case ColumnType::quantity: break;
    }
    Fields fields{in, node};
    fields.require("quantity");
    Quantity quantity = read_quantity(in, fields, "quantity");
    fields.done();
    return quantity;
}

void write_strings(Writer& out, std::string_view name, const std::vector<std::string>& texts) {
    out.list(name, texts, [&](const std::string& text) { out.string(text); });
}

void write_request(Writer& out, const FactRequest& request) {
    out.begin_object();
    out.field("name", request.name);
    write_strings(out, "arguments", request.arguments);
    out.end_object();
}

FactRequest read_request(Reading& in, const Node& node) {
    FactRequest request;
    Fields fields{in, node};
    fields.read("name", request.name);
    fields.read("arguments", request.arguments);
    fields.done();
    return request;
}

void write_finding(Writer& out, const Finding& finding) {
    out.begin_object();
    out.field("code", finding.code);
    out.field("severity", to_string(finding.severity));
    out.field("message", finding.message);
    out.field("subject", finding.subject);
    out.field("rule", finding.rule);
    out.field("citation", finding.citation);
    out.end_object();
}

Finding read_finding(Reading& in, const Node& node) {
    Finding finding;
    Fields fields{in, node};
    fields.read("code", finding.code);
    fields.require("severity");
    fields.choose("severity", finding.severity, severity_from);
    fields.read("message", finding.message);
    fields.read("subject", finding.subject);
    fields.read("rule", finding.rule);
    fields.read("citation", finding.citation);
    fields.done();
    return finding;
}

std::vector<Value> read_row(Reading& in, const Node& node, const std::vector<Column>& columns) {
    std::vector<Value> row;
    if (!in.expect(node, Node::Kind::array)) return row;
    if (node.children.size() != columns.size())
        in.refuse(fmt::format("the row has {} values, the table {} columns", node.children.size(), columns.size()));
    in.each(node, [&](const Node& cell) { row.push_back(read_cell(in, cell, columns[row.size()].type)); });
    return row;
}

}  // namespace

void write(Writer& out, const FactTable& table) {
    out.begin_object();
    out.field("name", table.name);
    write_strings(out, "arguments", table.arguments);
    out.list("columns", table.columns, [&](const Column& column) {
        out.begin_object();
        out.field("name", column.name);
        out.field("type", to_string(column.type));
        out.end_object();
    });
    out.list("rows", table.rows, [&](const std::vector<Value>& row) {
        out.begin_array();
        for (const Value& value : row) write_cell(out, value);
        out.end_array();
    });
    out.end_object();
}

void read(Reading& in, const Node& node, FactTable& table) {
    Fields fields{in, node};
    fields.read("name", table.name);
    fields.read("arguments", table.arguments);
    fields.each("columns", [&](const Node& column_node) {
        Fields column{in, column_node};
        Column& read = table.columns.emplace_back();
        column.read("name", read.name);
        column.require("type");
        column.choose("type", read.type, column_type_from);
        column.done();
    });
    fields.each("rows", [&](const Node& row) { table.rows.push_back(read_row(in, row, table.columns)); });
    fields.done();
}

void write(Writer& out, const Verdict& verdict) {
    out.begin_object();
    out.field("outcome", to_string(verdict.outcome));
    out.list("findings", verdict.findings, [&](const Finding& finding) { write_finding(out, finding); });
    out.end_object();
}

void read(Reading& in, const Node& node, Verdict& verdict) {
    Fields fields{in, node};
    fields.require("outcome");
    fields.choose("outcome", verdict.outcome, outcome_from);
    fields.each("findings", [&](const Node& finding) { verdict.findings.push_back(read_finding(in, finding)); });
    fields.done();
}

void write(Writer& out, const Judgement& judgement) {
    out.begin_object();
    out.field("plugin", judgement.plugin);
    out.field("version", judgement.version);
    out.field("binarySha256", judgement.binary_sha256);
    out.field("optionsSha256", judgement.options_sha256);
    out.field("dataSha256", judgement.data_sha256);
    out.number("position", judgement.position);
    out.list("requests", judgement.requests, [&](const FactRequest& request) { write_request(out, request); });
    out.field("factsSha256", judgement.facts_sha256);
    out.list("facts", judgement.facts, [&](const FactTable& table) { write(out, table); });
    out.key("verdict");
    write(out, judgement.verdict);
    out.end_object();
}

void read(Reading& in, const Node& node, Judgement& judgement) {
    Fields fields{in, node};
    fields.read("plugin", judgement.plugin);
    fields.read("version", judgement.version);
    fields.read("binarySha256", judgement.binary_sha256);
    fields.read("optionsSha256", judgement.options_sha256);
    fields.read("dataSha256", judgement.data_sha256);
    fields.require("position");
    fields.read("position", judgement.position);
    fields.each("requests", [&](const Node& request) { judgement.requests.push_back(read_request(in, request)); });
    fields.read("factsSha256", judgement.facts_sha256);
    fields.each("facts", [&](const Node& table) { read(in, table, judgement.facts.emplace_back()); });
    fields.require("verdict");
    fields.with("verdict", [&](const Node& verdict) { read(in, verdict, judgement.verdict); });
    fields.done();
}

}  // namespace stemma::json
