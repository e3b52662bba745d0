#include "adapters/http/trace_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <tuple>

#include "adapters/http/row_text.hpp"
#include "core/base/text.hpp"

namespace stemma::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";  ///< of CSV

constexpr std::array<std::string_view, 12> kFieldNames{"id",      "label", "kind",      "sku", "product", "depth",
                                                       "certain", "via",   "documents", "end", "status",  "stock"};
constexpr std::size_t kIdsAtOnce = 32;  ///< ids that are copied together, and asked for as far ahead
constexpr unsigned kOfTrace = 0b0001'1111'1111;
constexpr unsigned kOfTraceDefault = 0b0000'0111'1111;
constexpr unsigned kOfRecall = 0b1110'0111'1111;
/// What a field is in CSV: a link, an amount and a stock take several columns.
constexpr std::array<std::string_view, 12> kColumns{
    "id",        "label", "kind",    "sku",
    "product",   "depth", "certain", "viaNode,viaKind,quantity,uom,sequence",
    "documents", "end",   "status",  "uom,onHand,inTransit,withCustomer,consumed,writtenOff,returnedToSupplier,outside,places,customers"};

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

std::string lowered(std::string_view text) {
    std::string out{text};
    std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

/// What a media range asks of a form, by RFC 9110, 12.5.1.
struct Wish {
    int specific{0};  ///< 1 any type, 2 any of a kind, 3 this type; 0 not named
    int weight{0};    ///< in thousandths
};

/// The weight that the parameters of a range give it: 1 where none is given, or none that can be read.
int weight_in(std::string_view parameters) {
    constexpr int kFull = 1000;
    while (!parameters.empty()) {
        parameters.remove_prefix(1);  // the ';'
        const std::size_t end = std::min(parameters.find(';'), parameters.size());
        const std::string_view one = trimmed(parameters.substr(0, end));
        parameters.remove_prefix(end);
        if (!one.starts_with("q=") && !one.starts_with("Q=")) continue;
        double weight = 0;
        const auto [rest, error] = std::from_chars(one.data() + 2, one.data() + one.size(), weight, std::chars_format::fixed);
        const bool read = error == std::errc{} && rest == one.data() + one.size() && weight >= 0 && weight <= 1;
        return read ? static_cast<int>(std::lround(weight * kFull)) : kFull;
    }
    return kFull;
}

int how_specific(std::string_view range, RowForm form) {
    if (range == "*/*") return 1;
    if (range == (form == RowForm::csv ? "text/*" : "application/*")) return 2;
    switch (form) {
        case RowForm::json: return range == "application/json" ? 3 : 0;
        case RowForm::ndjson: return range == kNdjson || range == "application/ndjson" ? 3 : 0;
        case RowForm::csv: return range == "text/csv" ? 3 : 0;
    }
    return 0;
}

/// The form that is wished for most: by weight, then by how exactly it is named, then by who stands first; JSON where none is.
RowForm form_accepted(std::string_view accept) {
    constexpr std::array kForms{RowForm::json, RowForm::ndjson, RowForm::csv};
    std::array<Wish, kForms.size()> wishes{};
    std::array<std::size_t, kForms.size()> places{};
    for (std::size_t place = 0; !accept.empty(); ++place) {
        const std::size_t end = std::min(accept.find(','), accept.size());
        const std::string_view range = accept.substr(0, end);
        accept.remove_prefix(std::min(end + 1, accept.size()));
        const std::size_t type_end = std::min(range.find(';'), range.size());
        const std::string type = lowered(trimmed(range.substr(0, type_end)));
        for (std::size_t form = 0; form < kForms.size(); ++form) {
            const int specific = how_specific(type, kForms[form]);
            if (specific <= wishes[form].specific) continue;
            wishes[form] = {specific, weight_in(range.substr(type_end))};
            places[form] = place;
        }
    }
    std::size_t best = 0;
    const auto rank = [&](std::size_t form) {
        return std::tuple{wishes[form].weight, wishes[form].weight == 0 ? 0 : wishes[form].specific,
                          -static_cast<std::ptrdiff_t>(places[form])};
    };
    for (std::size_t form = 1; form < kForms.size(); ++form)
        if (wishes[form].weight > 0 && rank(form) > rank(best)) best = form;
    return kForms[best];
}

void append_member(std::string& out, std::string_view key, std::string_view text) {
    if (text.empty()) return;
    out += key;
    append_json(out, text);
}

/// The row of names.
void append_names(std::string& out, RowFields fields) {
    Cells cells{out};
    for (std::size_t i = 0; i < kColumns.size(); ++i)
        if (fields.has(static_cast<RowField>(i))) cells.raw(kColumns[i]);
    cells.end();
}

std::string list_of_documents(const lineage::View& view, lineage::EventNo event) {
    std::string out;
    for (const lineage::DocumentNo number : view.documents_of(event)) {
        const lineage::DocumentInfo document = view.document(number);
        fmt::format_to(std::back_inserter(out), "{}{} {}", out.empty() ? "" : "; ", document.type,
                       document.number.empty() ? document.id : document.number);
    }
    return out;
}

void append_documents(std::string& out, const lineage::View& view, lineage::EventNo event) {
    std::string_view open = R"(,"documents":[)";
    for (const lineage::DocumentNo number : view.documents_of(event)) {
        const lineage::DocumentInfo document = view.document(number);
        json::Writer one;
        one.begin_object();
        write_document(one, {std::string{document.id}, std::string{document.type}, std::string{document.number}});
        one.end_object();
        out += open;
        out += one.take();
        open = ",";
    }
    if (open == ",") out += ']';
}

/// " stale=tryton|other", as words of the last row; "" where there is none.
std::string list_of_stale(const std::vector<std::string>& names) {
    std::string out;
    for (std::string name : names) {
        std::ranges::replace_if(
            name, [](char c) { return static_cast<unsigned char>(c) <= ' ' || std::string_view{"\",;|\x7f"}.contains(c); }, '_');
        out += out.empty() ? " stale=" : "|";
        out += name;
    }
    return out;
}

std::string_view word(bool flag) noexcept { return flag ? "true" : "false"; }

/// Whether the columns of a stock say anything of it.
bool has_cells(const lineage::UnitStock& stock) noexcept {
    return !stock.on_hand.empty() || !stock.in_transit.empty() || !stock.with_customer.empty() || !stock.outside.empty() ||
           stock.consumed != 0 || stock.written_off != 0 || stock.wasted != 0 || stock.returned_to_supplier != 0;
}

/// "Kestrel Ridge Guides 6; Oxbow 2"
template <class Amounts, class Name>
std::string list_of_amounts(const Amounts& amounts, Name name) {
    std::string out;
    for (const auto& amount : amounts) out += fmt::format("{}{} {}", out.empty() ? "" : "; ", name(amount), sum_text(amount.micros));
    return out;
}

}  // namespace

std::string sum_text(std::int64_t micros) { return lineage::is_too_large(micros) ? "too large" : format_micros(micros); }

Result<RowForm> row_form_of(const Request& request) {
    if (const auto format = request.parameter("format")) {
        if (*format == "json") return RowForm::json;
        if (*format == "ndjson") return RowForm::ndjson;
        if (*format == "csv") return RowForm::csv;
        return fail(Errc::invalid_input, fmt::format("'{}' is not a format", clip(*format)), "?format", "it may be json, ndjson or csv");
    }
    return form_accepted(request.header("accept"));
}

const char* content_type_of(RowForm form) noexcept {
    switch (form) {
        case RowForm::json: return "application/json";
        case RowForm::ndjson: return kNdjson.data();
        case RowForm::csv: return "text/csv; charset=utf-8; header=present";
    }
    return "application/json";
}

Result<RowFields> RowFields::read(std::string_view names, Of of) {
    const unsigned allowed = of == Of::trace ? kOfTrace : kOfRecall;
    RowFields fields;
    if (names.empty()) fields.bits_ = of == Of::trace ? kOfTraceDefault : kOfRecall;
    while (!names.empty()) {
        const std::size_t end = std::min(names.find(','), names.size());
        const std::string_view name = names.substr(0, end);
        names.remove_prefix(std::min(end + 1, names.size()));
        const auto place = static_cast<unsigned>(std::ranges::find(kFieldNames, name) - kFieldNames.begin());
        if (place == kFieldNames.size() || (allowed >> place & 1U) == 0) {
            std::vector<std::string_view> known;
            for (unsigned i = 0; i < kFieldNames.size(); ++i)
                if ((allowed >> i & 1U) != 0) known.push_back(kFieldNames[i]);
            return fail(Errc::invalid_input, fmt::format("'{}' is not a field of a row", clip(name)), "?fields",
                        fmt::format("it may have {}", fmt::join(known, ", ")));
        }
        fields.bits_ |= 1U << place;
    }
    return fields;
}

RowFields RowFields::all() noexcept {
    RowFields fields;
    fields.bits_ = kOfTrace;
    return fields;
}

void Cells::text(std::string_view text) {
    separate();
    append_cell(out_, text);
}

void Cells::number(std::uint64_t value) {
    separate();
    append_number(out_, value);
}

void Cells::raw(std::string_view text) {
    separate();
    out_ += text;
}

void Cells::end() { out_ += kLineEnd; }

void Cells::separate() {
    if (!first_) out_ += ',';
    first_ = false;
}

void TraceRows::begin(std::string& out) const {
    if (form_ == RowForm::csv) append_names(out, fields_);
}

std::size_t TraceRows::add(std::string& out, const lineage::View& view, const WalkedNodes& nodes, std::size_t from, std::size_t to) const {
    if (form_ != RowForm::csv && fields_.only_id()) return add_ids(out, view, nodes, from, to);
    std::size_t rows = 0;
    for (std::size_t place = from; place < to; ++place) {
        if (of_ == RowsOf::items && view.is_transformation(nodes.node(place))) continue;
        ++rows;
        if (form_ == RowForm::csv)
            add_csv(out, view, nodes.at(place));
        else
            add_json(out, view, nodes.at(place));
    }
    return rows;
}

std::size_t TraceRows::add_ids(std::string& out, const lineage::View& view, const WalkedNodes& nodes, std::size_t from,
                               std::size_t to) const {
    std::array<lineage::Names::Fetched, 2 * kIdsAtOnce> fetched;
    const auto fetch_places = [&](std::size_t first) {
        for (std::size_t i = first; i < std::min(first + kIdsAtOnce, nodes.size()); ++i) view.fetch_id_place(nodes.node(i));
    };
    const auto fetch = [&](std::size_t first) {
        for (std::size_t i = first; i < std::min(first + kIdsAtOnce, to); ++i) fetched[i % fetched.size()] = view.fetch_id(nodes.node(i));
    };
    if (from == 0) fetch_places(0);
    if (from == 0) fetch_places(kIdsAtOnce);
    fetch(from);
    std::array<std::string_view, kIdsAtOnce> ids;
    std::size_t rows = 0;
    while (from < to) {
        fetch_places(from + 2 * kIdsAtOnce);
        fetch(from + kIdsAtOnce);
        std::size_t count = 0;
        for (const std::size_t end = std::min(from + kIdsAtOnce, to); from < end; ++from)
            if (of_ == RowsOf::nodes || !view.is_transformation(nodes.node(from))) ids[count++] = view.id(fetched[from % fetched.size()]);
        append_id_rows(out, std::span{ids}.first(count));
        rows += count;
    }
    return rows;
}

void TraceRows::add_json(std::string& out, const lineage::View& view, const lineage::Reached& reached) const {
    const std::size_t begin = out.size();
    const lineage::Node node = reached.node;
    const bool transformation = view.is_transformation(node);
    if (fields_.has(RowField::id)) append_member(out, R"(,"id":)", view.id(node));
    if (fields_.has(RowField::label)) append_member(out, R"(,"label":)", view.label(node));
    if (fields_.has(RowField::kind)) append_member(out, R"(,"kind":)", to_string(view.kind(node)));
    if (!transformation && (fields_.has(RowField::sku) || fields_.has(RowField::product)))
        if (const lineage::ProductNo number = view.product(node); number != lineage::ProductNo::none) {
            const lineage::ProductInfo product = view.product(number);
            if (fields_.has(RowField::sku)) append_member(out, R"(,"sku":)", product.sku);
            if (fields_.has(RowField::product)) append_member(out, R"(,"product":)", product.name);
        }
    if (fields_.has(RowField::depth)) {
        out += R"(,"depth":)";
        append_number(out, reached.depth);
    }
    if (fields_.has(RowField::certain)) out += reached.certain ? R"(,"certain":true)" : R"(,"certain":false)";
    const bool seed = reached.previous == lineage::kNone;
    const bool documents = fields_.has(RowField::documents) && transformation;
    if (!seed && (fields_.has(RowField::via) || documents)) {
        const lineage::Edge edge = view.edge(reached.edge);
        if (fields_.has(RowField::via)) {
            out += R"(,"via":{"node":)";
            append_number(out, reached.previous);
            append_member(out, R"(,"kind":)", to_string(edge.kind));
            out += R"(,"quantity":)";
            out += format_micros(edge.amount.micros);
            append_member(out, R"(,"uom":)", view.unit(edge.amount.unit));
            out += R"(,"sequence":)";
            append_number(out, edge.sequence);
            out += '}';
        }
        if (documents) append_documents(out, view, edge.event);
    }
    if (out.size() == begin) out += ',';  // a seed, of which links alone are asked for
    out[begin] = '{';                     // in place of the first comma
    out += "}\n";
}

void TraceRows::add_csv(std::string& out, const lineage::View& view, const lineage::Reached& reached) const {
    Cells cells{out};
    const lineage::Node node = reached.node;
    const bool transformation = view.is_transformation(node);
    const lineage::ProductNo number = transformation ? lineage::ProductNo::none : view.product(node);
    const lineage::ProductInfo product = number == lineage::ProductNo::none ? lineage::ProductInfo{} : view.product(number);
    if (fields_.has(RowField::id)) cells.text(view.id(node));
    if (fields_.has(RowField::label)) cells.text(view.label(node));
    if (fields_.has(RowField::kind)) cells.raw(to_string(view.kind(node)));
    if (fields_.has(RowField::sku)) cells.text(product.sku);
    if (fields_.has(RowField::product)) cells.text(product.name);
    if (fields_.has(RowField::depth)) cells.number(reached.depth);
    if (fields_.has(RowField::certain)) cells.raw(word(reached.certain));
    const bool seed = reached.previous == lineage::kNone;
    const lineage::Edge edge = seed ? lineage::Edge{} : view.edge(reached.edge);
    if (fields_.has(RowField::via) && seed) cells.raw(",,,,");
    if (fields_.has(RowField::via) && !seed) {
        cells.number(reached.previous);
        cells.raw(to_string(edge.kind));
        cells.raw(format_micros(edge.amount.micros));
        cells.text(view.unit(edge.amount.unit));
        cells.number(edge.sequence);
    }
    if (fields_.has(RowField::documents)) cells.text(transformation && !seed ? list_of_documents(view, edge.event) : std::string{});
    cells.end();
}

void RecallRows::begin(std::string& out) const {
    if (form_ == RowForm::csv) append_names(out, fields_);
}

std::size_t RecallRows::add(std::string& out, LineageText& text, const lineage::AffectedItem& item, const NodeText& node) const {
    if (form_ != RowForm::csv) {
        add_json(out, text, item, node);
        return 1;
    }
    std::size_t rows = 0;
    if (fields_.has(RowField::stock))
        for (const lineage::UnitStock& stock : item.stock.units) {
            if (!has_cells(stock)) continue;
            add_csv(out, text, item, node, stock);
            ++rows;
        }
    if (rows != 0) return rows;
    add_csv(out, text, item, node, item.stock.units.front());
    return 1;
}

void RecallRows::add_json(std::string& out, LineageText& text, const lineage::AffectedItem& item, const NodeText& node) const {
    json::Writer row;
    row.begin_object();
    if (fields_.has(RowField::id)) row.field("id", node.id);
    if (fields_.has(RowField::label)) row.field("label", node.label);
    if (fields_.has(RowField::kind)) row.field("kind", to_string(node.kind));
    if (fields_.has(RowField::sku)) row.field("sku", node.sku);
    if (fields_.has(RowField::product)) row.field("product", node.product);
    if (fields_.has(RowField::depth)) row.number("depth", item.depth);
    if (fields_.has(RowField::certain)) write_flag(row, "certain", item.certain);
    if (fields_.has(RowField::end)) write_flag(row, "end", item.end);
    if (fields_.has(RowField::status)) row.field("status", to_string(item.stock.status));
    if (fields_.has(RowField::stock)) write_stock(row, text, item.stock);
    row.end_object();
    out += row.take();
    out += '\n';
}

void RecallRows::add_csv(std::string& out, LineageText& text, const lineage::AffectedItem& item, const NodeText& node,
                         const lineage::UnitStock& stock) const {
    Cells cells{out};
    if (fields_.has(RowField::id)) cells.text(node.id);
    if (fields_.has(RowField::label)) cells.text(node.label);
    if (fields_.has(RowField::kind)) cells.raw(to_string(node.kind));
    if (fields_.has(RowField::sku)) cells.text(node.sku);
    if (fields_.has(RowField::product)) cells.text(node.product);
    if (fields_.has(RowField::depth)) cells.number(item.depth);
    if (fields_.has(RowField::certain)) cells.raw(word(item.certain));
    if (fields_.has(RowField::end)) cells.raw(word(item.end));
    if (fields_.has(RowField::status)) cells.raw(to_string(item.stock.status));
    if (fields_.has(RowField::stock)) {
        cells.text(text.unit(stock.unit));
        std::int64_t outside = 0;
        for (const lineage::PlaceAmount& at : stock.outside) outside = lineage::add_clamped(outside, at.micros);
        // With what was received, made or found these add up: waste was made and is gone.
        for (const std::int64_t micros : {stock.on_hand_total(), stock.in_transit_total(), stock.with_customer_total(), stock.consumed,
                                          lineage::add_clamped(stock.written_off, stock.wasted), stock.returned_to_supplier, outside})
            cells.raw(sum_text(micros));
        cells.text(list_of_amounts(stock.on_hand, [&](const lineage::PlaceAmount& at) {
            return at.place == lineage::PlaceNo::none ? std::string{"no place named"} : text.place(at.place).name;
        }));
        cells.text(list_of_amounts(stock.with_customer, [&](const lineage::PartyAmount& with) { return text.party(with.party).name; }));
    }
    cells.end();
}

void append_end(std::string& out, RowForm form, const Walked& walked, const WalkedNodes& nodes, const std::vector<std::string>& stale) {
    const WalkCounts& counts = nodes.counts();
    if (form == RowForm::csv) {
        Cells{out}.raw(fmt::format("#end asOf={} inferred={} timed={}{} items={} transformations={} truncated={}{} complete=true",
                                   walked.as_of, word(walked.inferred), word(walked.timed),
                                   walked.contents ? fmt::format(" contents={}", word(*walked.contents)) : std::string{}, counts.items,
                                   counts.transformations, word(counts.truncated), list_of_stale(stale)));
        out += kLineEnd;
        return;
    }
    json::Writer end;
    end.begin_object();
    write_trace_counts(end, counts);
    end.number("untracked", nodes.untracked().size());
    write_flag(end, "complete", true);
    end.end_object();
    out += end.take();
    out += '\n';
}

}  // namespace stemma::http
