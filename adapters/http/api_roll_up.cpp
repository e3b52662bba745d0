#include "adapters/http/api_roll_up.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "adapters/http/lineage_source.hpp"
#include "adapters/http/row_text.hpp"
#include "core/base/text.hpp"

namespace stemma::http {
namespace {

using Key = bool lineage::RollUpKeys::*;

struct NamedKey {
    std::string_view name;
    Key key;
};
constexpr std::array<NamedKey, 6> kKeys{{{"status", &lineage::RollUpKeys::status},
                                         {"place", &lineage::RollUpKeys::place},
                                         {"customer", &lineage::RollUpKeys::customer},
                                         {"product", &lineage::RollUpKeys::product},
                                         {"party", &lineage::RollUpKeys::party},
                                         {"document", &lineage::RollUpKeys::document}}};

void write_tally(json::Writer& out, LineageText& text, const lineage::Tally& tally) {
    out.number("items", tally.items);
    out.number("endItems", tally.end_items);
    write_amounts(out, "amounts", text, tally.amounts);
}

template <class Line>
void write_mentions(json::Writer& out, LineageText& text, const Line& line) {
    out.field("movement", to_string(line.kind));
    out.number("items", line.items);
    write_amounts(out, "amounts", text, line.amounts);
}

// The members of a line, into an open object: the same in a document and in a row.

void write_line(json::Writer& out, LineageText& text, const lineage::ProductTally& line) {
    if (line.product != lineage::ProductNo::none) {
        const LineageText::Named& product = text.product(line.product);
        out.field("product", product.id);
        out.field("sku", product.code);
        out.field("name", product.name);
    }
    if (line.logistic_units) write_flag(out, "logisticUnits", true);
    write_tally(out, text, line.tally);
}

/// The line's own counts, and what each product comes to.
template <class Line>
void write_tallies(json::Writer& out, LineageText& text, const Line& line) {
    write_tally(out, text, line.tally);
    out.list("byProduct", line.by_product, [&](const lineage::ProductTally& part) {
        out.begin_object();
        write_line(out, text, part);
        out.end_object();
    });
}

void write_line(json::Writer& out, LineageText& text, const lineage::StatusTally& line) {
    out.field("status", to_string(line.status));
    write_tallies(out, text, line);
}

void write_line(json::Writer& out, LineageText& text, const lineage::PlaceTally& line) {
    const LineageText::Named& place = text.place(line.place);
    out.field("place", place.id);
    out.field("code", place.code);
    out.field("name", place.name);
    write_flag(out, "transit", line.transit);
    write_tallies(out, text, line);
}

void write_party(json::Writer& out, LineageText& text, lineage::PartyNo number) {
    const LineageText::Named& party = text.party(number);
    out.field("party", party.id);
    out.field("code", party.code);
    out.field("name", party.name);
}

void write_line(json::Writer& out, LineageText& text, const lineage::PartyTally& line) {
    write_party(out, text, line.party);
    if (line.over_returned) write_flag(out, "overReturned", true);
    write_tallies(out, text, line);
}

void write_line(json::Writer& out, LineageText& text, const lineage::PartyLine& line) {
    write_party(out, text, line.party);
    out.field("contact", text.contact(text.party(line.party).id));
    write_mentions(out, text, line);
}

void write_line(json::Writer& out, LineageText& text, const lineage::DocumentLine& line) {
    write_document(out, text.document(line.document));
    write_mentions(out, text, line);
}

// The rows of a line: a row for each product, so that every quantity is of one product and `items` may be added up.

/// The first unit's sum as a number, those of other units as text.
void add_amounts(Cells& cells, LineageText& text, const std::vector<lineage::Amount>& amounts) {
    std::string more;
    for (std::size_t i = 1; i < amounts.size(); ++i)
        more += fmt::format("{}{} {}", more.empty() ? "" : "; ", sum_text(amounts[i].micros), text.unit(amounts[i].unit));
    cells.raw(amounts.empty() ? std::string{} : sum_text(amounts.front().micros));
    cells.text(amounts.empty() ? std::string{} : text.unit(amounts.front().unit));
    cells.text(more);
}

/// What the rows of a list begin with.
struct RowHead {
    std::string_view by;
    bool certain;
};

void begin_row(Cells& cells, const RowHead& head, const LineageText::Named& named, std::string_view what) {
    cells.raw(head.by);
    cells.raw(head.certain ? "true" : "false");
    cells.text(named.id);
    cells.text(named.code);
    cells.text(named.name);
    cells.raw(what);
}

LineageText::Named product_of(LineageText& text, const lineage::ProductTally& line) {
    if (line.product != lineage::ProductNo::none) return text.product(line.product);
    return {{}, {}, line.logistic_units ? "logistic units" : ""};
}

/// Of a product and a tally: "product" is its SKU, else its name, else its id.
void add_part(Cells& cells, LineageText& text, std::string_view product, const lineage::Tally& tally) {
    cells.text(product);
    cells.number(tally.items);
    cells.number(tally.end_items);
    add_amounts(cells, text, tally.amounts);
    cells.end();
}

std::size_t add_parts(std::string& piece, LineageText& text, const RowHead& head, const LineageText::Named& named, std::string_view what,
                      const std::vector<lineage::ProductTally>& parts) {
    for (const lineage::ProductTally& part : parts) {
        const LineageText::Named product = product_of(text, part);
        Cells cells{piece};
        begin_row(cells, head, named, what);
        add_part(cells, text, !product.code.empty() ? product.code : !product.name.empty() ? product.name : product.id, part.tally);
    }
    return parts.size();
}

template <class Line>
std::size_t add_mentions(std::string& piece, LineageText& text, const RowHead& head, const LineageText::Named& named, const Line& line) {
    Cells cells{piece};
    begin_row(cells, head, named, to_string(line.kind));
    add_part(cells, text, "", {line.items, 0, line.amounts});
    return 1;
}

std::size_t add_line(std::string& piece, LineageText& text, const RowHead& head, const lineage::StatusTally& line) {
    return add_parts(piece, text, head, {std::string{to_string(line.status)}, {}, {}}, "", line.by_product);
}
std::size_t add_line(std::string& piece, LineageText& text, const RowHead& head, const lineage::PlaceTally& line) {
    return add_parts(piece, text, head, text.place(line.place), line.transit ? "in_transit" : "on_hand", line.by_product);
}
std::size_t add_line(std::string& piece, LineageText& text, const RowHead& head, const lineage::PartyTally& line) {
    return add_parts(piece, text, head, text.party(line.party), line.over_returned ? "over_returned" : "", line.by_product);
}
std::size_t add_line(std::string& piece, LineageText& text, const RowHead& head, const lineage::ProductTally& line) {
    Cells cells{piece};
    begin_row(cells, head, product_of(text, line), "");
    add_part(cells, text, "", line.tally);
    return 1;
}
std::size_t add_line(std::string& piece, LineageText& text, const RowHead& head, const lineage::PartyLine& line) {
    return add_mentions(piece, text, head, text.party(line.party), line);
}
std::size_t add_line(std::string& piece, LineageText& text, const RowHead& head, const lineage::DocumentLine& line) {
    const DocumentText document = text.document(line.document);
    return add_mentions(piece, text, head, {document.id, document.type, document.number}, line);
}

template <class Line>
void write_lines(json::Writer& out, std::string_view name, LineageText& text, const std::vector<Line>& lines) {
    out.list(name, lines, [&](const Line& line) {
        out.begin_object();
        write_line(out, text, line);
        out.end_object();
    });
}

/// Into an open object.
void write_counts(json::Writer& out, LineageText& text, const lineage::RollUp& roll_up) {
    write_tally(out, text, roll_up.all);
    write_lines(out, "byStatus", text, roll_up.by_status);
    write_lines(out, "byPlace", text, roll_up.by_place);
    write_lines(out, "byCustomer", text, roll_up.by_customer);
    write_lines(out, "byProduct", text, roll_up.by_product);
}

void write_set(json::Writer& out, std::string_view name, LineageText& text, const lineage::SetRollUp& set) {
    out.key(name);
    out.begin_object();
    write_counts(out, text, set.counts);
    write_lines(out, "byParty", text, set.parties);
    write_lines(out, "byDocument", text, set.documents);
    out.end_object();
}

Response roll_up_document(Api& api, const Request& request, const TraceQuestion& question, Admitted admitted,
                          const lineage::RollUpKeys& keys) {
    const WalkedNodes nodes = found_or_walked(api, admitted, question);
    const lineage::RollUps found = nodes.roll_up(admitted.view, keys, question.cancel);
    const auto snapshot = api.engine.read();
    if (!snapshot) return problem(snapshot.error());
    DisplayNames names{**snapshot, api.engine.index(), api.engine.limits()};
    LineageText text{admitted.view, names, request.cancel};
    json::Writer out;
    out.begin_object();
    out.field("direction", to_string(question.direction));
    write_walked(out, question.walked);
    write_trace_counts(out, nodes.counts());
    write_stale(out, api.engine);
    write_asked(out, question);
    write_set(out, "certain", text, found.certain);
    write_set(out, "possible", text, found.possible);
    out.end_object();
    return in_time(api, request, found.cancelled || nodes.counts().cancelled, out.take());
}

/// The lines of a roll-up as rows: those of the certain set, then those of the possible one.
class RollUpSource : public LineageSource {
public:
    RollUpSource(Api& api, TraceQuestion question, Admitted admitted, const lineage::RollUpKeys& keys, RowForm form)
        : LineageSource{api, std::move(question), std::move(admitted), form}, keys_{keys} {}

private:
    /// Lines of one list: how many, and what writes one of them; how many rows that were.
    struct Part {
        std::size_t lines;
        std::function<std::size_t(std::string& piece, LineageText& text, std::size_t line)> write;
    };

    [[nodiscard]] bool is_done() const noexcept override { return found_ && part_ == parts_.size(); }

    void begin_rows(std::string& piece) override { piece += "by,certain,id,code,name,what,product,items,endItems,quantity,uom,more\r\n"; }

    Result<void> add_rows(std::string& piece) override {
        if (!found_) find();
        const auto snapshot = api().engine.read();
        if (!snapshot) return std::unexpected(snapshot.error());
        DisplayNames names{**snapshot, api().engine.index(), api().engine.limits()};
        LineageText text{view(), names, question().cancel};
        for (; part_ < parts_.size() && piece.size() < kPieceBytes && !cancelled(); line_ = 0, ++part_) {
            const Part& part = parts_[part_];
            for (; line_ < part.lines && piece.size() < kPieceBytes; ++line_) count_rows(part.write(piece, text, line_));
            if (line_ < part.lines) break;
        }
        return {};
    }

    void find() {
        found_ = nodes().roll_up(view(), keys_, question().cancel);
        for (const bool certain : {true, false}) {
            const lineage::SetRollUp& set = certain ? found_->certain : found_->possible;
            add_part("status", certain, set.counts.by_status);
            add_part("place", certain, set.counts.by_place);
            add_part("customer", certain, set.counts.by_customer);
            add_part("product", certain, set.counts.by_product);
            add_part("party", certain, set.parties);
            add_part("document", certain, set.documents);
        }
    }

    template <class Line>
    void add_part(std::string_view by, bool certain, const std::vector<Line>& lines) {
        if (lines.empty()) return;
        const auto write = [this, by, certain, &lines](std::string& piece, LineageText& text, std::size_t line) -> std::size_t {
            if (form() == RowForm::csv) return add_line(piece, text, {by, certain}, lines[line]);
            json::Writer row;
            row.begin_object();
            row.field("by", by);
            write_flag(row, "certain", certain);
            write_line(row, text, lines[line]);
            row.end_object();
            piece += row.take();
            piece += '\n';
            return 1;
        };
        parts_.push_back({lines.size(), write});
    }

    lineage::RollUpKeys keys_;
    std::optional<lineage::RollUps> found_;
    std::vector<Part> parts_;
    std::size_t part_{0};
    std::size_t line_{0};  ///< of the part, the next one
};

}  // namespace

Result<lineage::RollUpKeys> roll_up_keys_of(const std::vector<std::string>& names, std::string_view where) {
    lineage::RollUpKeys keys;
    std::vector<std::string_view> known;
    known.reserve(kKeys.size());
    for (const NamedKey& key : kKeys) known.push_back(key.name);
    const std::string hint = fmt::format("it may be {}; several with commas", fmt::join(known, ", "));
    if (names.empty()) return fail(Errc::invalid_input, "by what to count is not said", std::string{where}, hint);
    for (const std::string& name : names) {
        const auto found = std::ranges::find(kKeys, name, &NamedKey::name);
        if (found == kKeys.end())
            return fail(Errc::invalid_input, fmt::format("'{}' is nothing to count by", clip(name)), std::string{where}, hint);
        keys.*found->key = true;
    }
    return keys;
}

Result<lineage::RollUpKeys> roll_up_keys_of(std::string_view names, std::string_view where) {
    std::vector<std::string> list;
    while (!names.empty()) {
        const std::size_t end = std::min(names.find(','), names.size());
        list.emplace_back(names.substr(0, end));
        names.remove_prefix(std::min(end + 1, names.size()));
    }
    return roll_up_keys_of(list, where);
}

void write_roll_up(json::Writer& out, std::string_view name, LineageText& text, const lineage::RollUp& roll_up) {
    out.key(name);
    out.begin_object();
    write_counts(out, text, roll_up);
    out.end_object();
}

void write_documents(json::Writer& out, LineageText& text, const std::vector<lineage::DocumentLine>& documents) {
    if (documents.empty()) return;
    out.key("documents");
    out.begin_array();
    const auto copy = [](const lineage::View& view, const lineage::DocumentLine& line) { return copy_document(view, line.document); };
    in_slices(text, documents, copy, [&](const lineage::DocumentLine& line, const DocumentText& document) {
        out.begin_object();
        write_document(out, document);
        out.field("movement", to_string(line.kind));
        write_flag(out, "certain", line.certain);
        out.number("items", line.items);
        write_amounts(out, "amounts", text, line.amounts);
        out.end_object();
    });
    out.end_array();
}

Response answer_roll_up(Api& api, const Request& request, TraceQuestion question, Admitted admitted, const lineage::RollUpKeys& keys,
                        RowForm form) {
    if (form == RowForm::json) return roll_up_document(api, request, question, std::move(admitted), keys);
    return answer_with(std::make_unique<RollUpSource>(api, std::move(question), std::move(admitted), keys, form), form);
}

}  // namespace stemma::http
