#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>
#include <utility>

#include "core/cli/render.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

constexpr std::size_t kIndentLevelsMax = 24;  ///< deeper nodes stand no further to the right

bool is_transformation(const Json& node) { return text_at(node, "kind") == "transformation"; }

/// A transformation is known by its production order, an item by its label.
std::string label_of(const Json& node) {
    if (!is_transformation(node)) return text_at(node, "label");
    const std::string out = documents_text(node, "documents", "id", "number");
    return out.empty() ? "production " + short_id(text_at(node, "label")) : out;
}

std::string how(const Json& node) {
    const Json& via = at(node, "via");
    if (via.is_null()) return {};
    const std::string quantity = quantity_text(via);
    return words(text_at(via, "kind")) + (quantity.empty() ? "" : ' ' + quantity);
}

/// The nodes of one part of the answer as an indented list, each under the node it was first reached by.
class Branches {
public:
    Branches(std::span<const Json> nodes, std::size_t begin, std::size_t end)
        : nodes_{nodes}, begin_{begin}, end_{end}, under_(nodes.size()) {
        for (std::size_t i = begin; i < end; ++i) {
            const auto* place = at(at(nodes[i], "via"), "node").if_int64();
            const std::size_t previous = place == nullptr || *place < 0 ? end_ : static_cast<std::size_t>(*place);
            (previous >= begin && previous < end_ ? under_[previous] : tops_).push_back(i);
        }
    }

    [[nodiscard]] std::string text(const Look& look, std::uint64_t limit) const {
        Cap cap{limit};
        Table table{{{"item"}, {"kind"}, {"product"}, {"how"}}};
        std::vector<std::pair<std::size_t, std::size_t>> open;  // node, level
        const auto push = [&](const std::vector<std::size_t>& places, std::size_t level) {
            for (const std::size_t place : places | std::views::reverse) open.emplace_back(place, level);
        };
        push(tops_, 0);
        while (!open.empty()) {
            const auto [place, level] = open.back();
            open.pop_back();
            if (cap.take()) add(table, nodes_[place], level);
            push(under_[place], level + 1);
        }
        return table.text(look) + cap.note();
    }

    [[nodiscard]] std::string counts() const {
        const auto productions = static_cast<std::uint64_t>(std::count_if(
            nodes_.begin() + static_cast<std::ptrdiff_t>(begin_), nodes_.begin() + static_cast<std::ptrdiff_t>(end_), is_transformation));
        return fmt::format("{}, {}", counted(end_ - begin_ - productions, "item"), counted(productions, "production"));
    }

private:
    void add(Table& table, const Json& node, std::size_t level) const {
        const std::string indent(2 * std::min(level, kIndentLevelsMax), ' ');
        std::string reached = how(node);
        const auto* place = at(at(node, "via"), "node").if_int64();
        if (level == 0 && place != nullptr && static_cast<std::size_t>(*place) < nodes_.size())
            reached += ", after " + label_of(nodes_[static_cast<std::size_t>(*place)]);
        table.add({indent + label_of(node), is_transformation(node) ? "" : words(text_at(node, "kind")), product_text(node), reached});
    }

    std::span<const Json> nodes_;
    std::size_t begin_;
    std::size_t end_;
    std::vector<std::size_t> tops_;
    std::vector<std::vector<std::size_t>> under_;
};

std::string untracked_text(const Json& trace, const Look& look, bool back, std::uint64_t limit) {
    const auto met = list_at(trace, "untracked");
    if (met.empty()) return {};
    std::map<std::string, const Json*> by_id;
    for (const Json& node : list_at(trace, "nodes"))
        if (is_transformation(node)) by_id[text_at(node, "id")] = &node;
    Table table{{{"in"}, {"product"}, {""}}};
    Cap cap{limit};
    for (const Json& one : met) {
        if (!cap.take()) continue;
        const auto known = by_id.find(text_at(one, "transformation"));
        const std::string order = known == by_id.end() ? short_id(text_at(one, "label")) : label_of(*known->second);
        const std::string product = product_text(at(one, "product"));
        table.add({order, product.empty() ? text_at(at(one, "product"), "label") : product, flag_at(one, "certain") ? "" : "possible"});
    }
    const char* title = back ? "Inputs without a lot number, whose origin is not known: {}"
                             : "Outputs without a lot number, whose whereabouts are not known: {}";
    return '\n' + heading(look, fmt::format(fmt::runtime(title), grouped(met.size()))) + table.text(look) + cap.note();
}

bool certain_only(const Json& answer) { return !at(answer, "inferred").is_null() && !flag_at(answer, "inferred"); }

}  // namespace

std::string seeds_text(const Json& trace) {
    std::string out;
    for (const Json& seed : list_at(trace, "seeds")) out += (out.empty() ? "" : ", ") + text_at(seed, "label");
    return out;
}

std::string cut_text(const Json& trace, const Look& look) {
    if (!flag_at(trace, "truncated")) return {};
    return paint(look, Tone::bad,
                 fmt::format("CUT: limits.trace_items_max was reached, at least {} were met", counted(count_at(trace, "seen"), "node"))) +
           '\n';
}

std::string walked_text(const Json& answer) {
    const bool has_units = !at(answer, "contents").is_null();
    return fmt::format("{}{}{}", certain_only(answer) ? ", certain links only" : "", flag_at(answer, "timed") ? ", by time" : "",
                       !has_units                    ? ""
                       : flag_at(answer, "contents") ? ", with the contents of cartons"
                                                     : ", without the contents of cartons");
}

std::string no_possible_text(const Json& answer) {
    return certain_only(answer) ? "Possible: not asked for" : "Possible: nothing on top of it";
}

std::string trace_title(const Json& trace, const std::string& seeds) {
    return fmt::format("{} {}, as of ledger position {}{}: {} and {}, itself included",
                       text_at(trace, "direction") == "back" ? "Back from" : "Forward from", seeds, text_at(trace, "asOf"),
                       walked_text(trace), counted(count_at(trace, "items"), "item"),
                       counted(count_at(trace, "transformations"), "production"));
}

std::string render_trace_count(const Json& counts, const std::string& seeds, const Look& look) {
    std::string out = heading(look, trace_title(counts, printable(seeds))) + stale_text(counts, look) + cut_text(counts, look);
    Table table{{{"kind"}, {"all", Align::right}, {"certain", Align::right}}};
    for (const Json& line : list_at(counts, "byKind")) {
        const std::string kind = text_at(line, "kind");
        table.add(
            {kind == "transformation" ? "production" : words(kind), grouped(count_at(line, "nodes")), grouped(count_at(line, "certain"))});
    }
    return out + table.text(look);
}

std::string render_trace(const Json& trace, const Look& look, std::uint64_t limit) {
    const bool back = text_at(trace, "direction") == "back";
    std::string out = heading(look, trace_title(trace, seeds_text(trace)));
    out += stale_text(trace, look);
    out += cut_text(trace, look);
    const auto nodes = list_at(trace, "nodes");
    const std::size_t certain = std::min<std::size_t>(count_at(trace, "certainNodes"), nodes.size());
    if (nodes.empty()) out += "Nothing is recorded about where it came from or went.\n";
    if (certain > 0) {
        const Branches branches{nodes, 0, certain};
        out += '\n' + heading(look, "Certain: " + branches.counts()) + branches.text(look, limit);
    }
    if (certain < nodes.size()) {
        const Branches branches{nodes, certain, nodes.size()};
        out += '\n' + heading(look, "Possible, through goods without a lot number: " + branches.counts()) + branches.text(look, limit);
    }
    return out + untracked_text(trace, look, back, limit);
}

}  // namespace stemma::cli
