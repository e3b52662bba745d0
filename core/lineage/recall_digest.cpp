#include "core/lineage/recall_digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace stemma::lineage {
namespace {

std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c == '\\')
            out += "\\\\";
        else if (c == '\t')
            out += "\\t";
        else if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out;
}

std::string_view set_of(bool certain) { return certain ? "certain" : "possible"; }

/// " UNIT AMOUNT" for each, in the order of the units' bytes: their numbers may differ between machines.
std::string amounts_text(const View& view, const std::vector<Amount>& amounts) {
    std::vector<std::string> texts;
    texts.reserve(amounts.size());
    for (const Amount& amount : amounts)
        texts.push_back(fmt::format("\t{}\t{}", escaped(view.unit(amount.unit)), format_micros(amount.micros)));
    std::ranges::sort(texts);
    return fmt::format("{}", fmt::join(texts, ""));
}

template <class Line>
std::string mention_text(const View& view, std::string_view kind, std::string_view id, const Line& line) {
    return fmt::format("{}\t{}\t{}\t{}\t{}{}\n", kind, escaped(id), to_string(line.kind), set_of(line.certain), line.items,
                       amounts_text(view, line.amounts));
}

}  // namespace

void RecallDigest::write_sorted(std::vector<std::string>& lines) {
    std::ranges::sort(lines);
    for (const std::string& line : lines) sha_.add(line);
    lines.clear();
}

void RecallDigest::begin(const Trace& trace, bool inferred, bool timed) {
    sha_.add(fmt::format("stemma-recall-2\nas-of\t{}\nwalk\t{}\t{}\t{}\n", trace.as_of, inferred ? 1 : 0, timed ? 1 : 0,
                         trace.truncated ? 1 : 0));
    std::vector<std::string> seeds;
    for (const Reached& reached : trace.nodes)
        if (reached.depth == 0) seeds.push_back(fmt::format("seed\t{}\n", escaped(view_.id(reached.node))));
    write_sorted(seeds);
}

void RecallDigest::add(std::string_view id, const AffectedItem& item) {
    sha_.add(fmt::format("item\t{}\t{}\t{}\t{}\t{}\n", escaped(id), escaped(view_.label(item.node)), set_of(item.certain),
                         item.end ? "end" : "used", to_string(item.stock.status)));
    for (const UnitStock& unit : item.stock.units) add_stock(unit);
    write_sorted(stock_lines_);
}

void RecallDigest::add_stock(const UnitStock& stock) {
    const std::string unit = escaped(view_.unit(stock.unit));
    const auto add = [&](std::string_view kind, std::string_view where, std::int64_t micros) {
        if (micros != 0) stock_lines_.push_back(fmt::format("{}\t{}\t{}\t{}\n", kind, unit, escaped(where), format_micros(micros)));
    };
    const auto add_places = [&](std::string_view kind, const std::vector<PlaceAmount>& places) {
        for (const PlaceAmount& place : places) add(kind, view_.place(place.place).id, place.micros);
    };
    add_places("on_hand", stock.on_hand);
    add_places("in_transit", stock.in_transit);
    add_places("outside", stock.outside);
    for (const PartyAmount& customer : stock.with_customer)
        add("with_customer", customer.party == PartyNo::none ? std::string_view{} : view_.party(customer.party).id, customer.micros);
    const std::array<std::pair<std::string_view, std::int64_t>, 9> totals{{{"received", stock.received},
                                                                           {"produced", stock.produced},
                                                                           {"found", stock.found},
                                                                           {"returned_by_customer", stock.returned_by_customer},
                                                                           {"consumed", stock.consumed},
                                                                           {"shipped", stock.shipped},
                                                                           {"returned_to_supplier", stock.returned_to_supplier},
                                                                           {"written_off", stock.written_off},
                                                                           {"wasted", stock.wasted}}};
    for (const auto& [kind, micros] : totals) add(kind, {}, micros);
}

void RecallDigest::add_unbalanced(std::string_view id) { unbalanced_.push_back(fmt::format("unbalanced\t{}\n", escaped(id))); }

Digest RecallDigest::finish(const RecallReport& report) {
    std::vector<std::string> lines;
    lines.reserve(report.documents.size() + report.parties.size());
    for (const DocumentLine& line : report.documents)
        lines.push_back(mention_text(view_, "document", view_.document(line.document).id, line));
    write_sorted(lines);
    for (const PartyLine& line : report.parties) lines.push_back(mention_text(view_, "party", view_.party(line.party).id, line));
    write_sorted(lines);
    write_sorted(unbalanced_);
    return sha_.finish();
}

}  // namespace stemma::lineage
