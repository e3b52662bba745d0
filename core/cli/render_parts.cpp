#include <fmt/format.h>

#include <algorithm>

#include "core/cli/render.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

constexpr std::size_t kLevelColumns = 6;  ///< "FAIL" and the gap after it
constexpr std::size_t kGap = 2;           ///< blanks after a place

struct LevelWord {
    std::string_view word;
    Tone tone;
};

LevelWord level_word(std::string_view level) {
    if (level == "error") return {"FAIL", Tone::bad};
    if (level == "warning") return {"warn", Tone::warn};
    if (level == "note") return {"note", Tone::plain};
    return {"ok", Tone::good};
}

std::string discrepancy_text(const Json& discrepancy) {
    std::string out = fmt::format("{}: {}", words(text_at(discrepancy, "kind")), quantity_text(discrepancy));
    if (const std::string place = name_with_code(discrepancy); !place.empty()) out += " at " + place;
    if (!at(discrepancy, "sequence").is_null()) out += " in entry " + text_at(discrepancy, "sequence");
    if (const std::string documents = documents_text(discrepancy, "documents", "id", "number"); !documents.empty())
        out += fmt::format(" ({}{})", documents, more_documents_text(discrepancy));
    return out;
}

}  // namespace

std::string heading(const Look& look, std::string_view text) { return paint(look, Tone::strong, printable(text)) + '\n'; }

Facts& Facts::add(std::string name, std::string value, Tone tone) {
    if (!value.empty()) table_.add({std::move(name), Cell{std::move(value), tone}});
    return *this;
}

bool Cap::take() noexcept {
    if (limit_ != 0 && taken_ >= limit_) {
        ++left_out_;
        return false;
    }
    ++taken_;
    return true;
}

std::string Cap::note() const {
    return left_out_ == 0 ? "" : fmt::format("  ... {} not shown, --limit 0 shows all\n", counted(left_out_, "more line"));
}

std::string render_remarks(const std::vector<Remark>& remarks, const Look& look) {
    std::size_t place_columns = 0;
    for (const Remark& remark : remarks) place_columns = std::max(place_columns, width_of(remark.place));
    std::string out;
    for (const Remark& remark : remarks) {
        const LevelWord level = level_word(remark.level);
        out += paint(look, level.tone, level.word);
        out.append(kLevelColumns - level.word.size(), ' ');
        out += printable(remark.place);
        if (place_columns != 0) out.append(place_columns - width_of(remark.place) + kGap, ' ');
        out += printable(remark.message) + '\n';
        if (remark.hint.empty()) continue;
        out.append(kLevelColumns + (place_columns == 0 ? 0 : place_columns + kGap), ' ');
        out += printable(remark.hint) + '\n';
    }
    return out;
}

std::string sku_and_name(const std::string& sku, const std::string& name) {
    if (sku.empty() || name.empty() || sku == name) return sku.empty() ? name : sku;
    return fmt::format("{} {}", sku, name);
}

std::string product_text(const Json& node) {
    const std::string name = text_at(node, "product");
    return sku_and_name(text_at(node, "sku"), name.empty() ? text_at(node, "name") : name);
}

std::string stale_text(const Json& answer, const Look& look) {
    std::string out;
    for (const Json& source : list_at(answer, "stale")) {
        const std::string since = text_at(source, "since");
        out += paint(look, Tone::warn,
                     printable(fmt::format("STALE{}: what {} says may be behind: {}", since.empty() ? "" : " since " + short_time(since),
                                           text_at(source, "source"), text_at(source, "why")))) +
               '\n';
    }
    return out;
}

std::string whereabouts(const Json& stock_owner) {
    std::string out;
    const auto put = [&](const Json& entry, std::string_view uom, std::string_view before, std::string_view after) {
        const std::string name = name_with_code(entry);
        out += fmt::format("{}{}{}{} {} {}", out.empty() ? "" : ", ", before, name.empty() ? "no place named" : name, after,
                           grouped(text_at(entry, "quantity")), unit_sign(uom));
    };
    for (const Json& stock : list_at(stock_owner, "stock")) {
        const std::string uom = text_at(stock, "uom");
        for (const Json& entry : list_at(stock, "onHand")) put(entry, uom, "", "");
        for (const Json& entry : list_at(stock, "inTransit")) put(entry, uom, "", " (in transit)");
        for (const Json& entry : list_at(stock, "outside")) put(entry, uom, "", " (outside)");
        for (const Json& entry : list_at(stock, "withCustomer")) put(entry, uom, "with ", "");
    }
    return out;
}

std::string render_verdict(const Json& verdict, const Look& look, const Json& names) {
    const std::string outcome = text_at(verdict, "outcome");
    const Tone tone = outcome == "accepted" ? Tone::good : outcome == "accepted_with_findings" ? Tone::warn : Tone::bad;
    std::string out = "  " + paint(look, tone, words(outcome)) + '\n';
    Table table{{{"severity"}, {"code"}, {"about"}, {"message"}, {"citation"}}};
    for (const Json& finding : list_at(verdict, "findings")) {
        const std::string subject = text_at(finding, "subject");
        const std::string name = text_at(names, subject);
        table.add({text_at(finding, "severity"), text_at(finding, "code"), name.empty() ? short_id(subject) : name,
                   text_at(finding, "message"), text_at(finding, "citation")});
    }
    return out + table.text(look);
}

std::string render_balance(const Json& balance, const Look& look, std::size_t indent) {
    Table units{{{"unit"},
                 {"came in", Align::right},
                 {"went out", Align::right},
                 {"on hand", Align::right},
                 {"in transit", Align::right},
                 {"difference", Align::right}}};
    for (const Json& unit : list_at(balance, "units"))
        units.add({unit_sign(text_at(unit, "uom")), grouped(text_at(unit, "inflow")), grouped(text_at(unit, "outflow")),
                   grouped(text_at(unit, "onHand")), grouped(text_at(unit, "inTransit")), grouped(text_at(unit, "difference"))});
    std::string out = units.text(look, indent);
    for (const Json& discrepancy : list_at(balance, "discrepancies"))
        out += std::string(indent, ' ') + paint(look, Tone::warn, printable(discrepancy_text(discrepancy))) + '\n';
    if (const std::uint64_t more = count_at(balance, "moreDiscrepancies"); more > 0)
        out += std::string(indent, ' ') + paint(look, Tone::warn, fmt::format("and {} more of these kinds", grouped(more))) + '\n';
    return out;
}

}  // namespace stemma::cli
