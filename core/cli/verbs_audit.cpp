// erp audit: asks page by page, as of the position of the first one, so that neither side keeps more than a page and what is shown.
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

#include "core/base/csv.hpp"
#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

constexpr std::uint64_t kPage = 1000;        ///< findings asked for at a time, the most that the API gives
constexpr std::uint64_t kShownDefault = 50;  ///< findings shown without --limit

/// The answer put together from its pages.
class Sum {
public:
    void add(const Json& page) {
        if (answer_.empty()) {
            answer_["asOf"] = at(page, "asOf");
            if (const std::string source = text_at(page, "source"); !source.empty()) answer_["source"] = source;
            if (!at(page, "stale").is_null()) answer_["stale"] = at(page, "stale");
        }
        nodes_ += count_at(page, "nodes");
        count_ += count_at(page, "count");
        for (const Json& kind : list_at(page, "byKind")) {
            const auto same = [&](const Json& one) { return text_at(one, "kind") == text_at(kind, "kind"); };
            const auto known = std::ranges::find_if(by_kind_, same);
            if (known == by_kind_.end())
                by_kind_.push_back(kind);
            else
                known->as_object()["count"] = count_at(*known, "count") + count_at(kind, "count");
        }
    }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t nodes() const noexcept { return nodes_; }
    [[nodiscard]] std::string as_of() const {
        const auto* found = answer_.if_contains("asOf");
        return found == nullptr ? std::string{} : text_of(*found);
    }
    [[nodiscard]] boost::json::object answer() const {
        boost::json::object whole = answer_;
        whole["nodes"] = nodes_;
        whole["count"] = count_;
        whole["byKind"] = by_kind_;
        return whole;
    }

private:
    boost::json::object answer_;
    boost::json::array by_kind_;
    std::uint64_t nodes_{0};
    std::uint64_t count_{0};
};

/// Takes each page; says with which code to end, where it cannot go on.
using TakePage = std::function<void(const Json&)>;

std::optional<ExitCode> each_page(Session& session, Sum& sum, const TakePage& take) {
    const Invocation& call = session.call();
    ProgressLine progress{session.screen()};
    Query query{{"limit", std::to_string(kPage)}};
    add(query, "source", call.subject);
    add(query, "kind", call.kind);
    add(query, "as_of", call.as_of);
    add(query, "as_of", call.as_of_time);
    if (call.count) query["count"] = "true";
    while (true) {
        const auto page = session.ask(get("/api/v1/erp/audit", query));
        if (!page) return session.fail(page.error());
        if (!page->ok()) return session.fail(*page);
        sum.add(page->json);
        take(page->json);
        const std::string next = text_at(page->json, "next");
        if (next.empty()) return std::nullopt;
        query["cursor"] = next;
        query["as_of"] = sum.as_of();
        progress.show(fmt::format("{} looked at, {}", counted(sum.nodes(), "item and production", "items and productions"),
                                  counted(sum.count(), "finding")));
    }
}

void add_cells(std::string& out, std::initializer_list<std::string_view> texts, std::initializer_list<std::string_view> numbers) {
    for (const std::string_view text : texts) {
        append_cell(out, text);
        out += ',';
    }
    for (const std::string_view number : numbers) {
        out += number;
        out += ',';
    }
}

/// A row for each of the ERP's rows behind the finding: its own, and those of its items' records.
std::string csv_rows(const Json& finding) {
    const Json& item = at(finding, "item");
    std::string head;
    add_cells(head,
              {text_at(finding, "kind"), text_at(item, "label"), text_at(item, "id"), text_at(item, "sku"),
               at(finding, "place").is_null() ? std::string{} : name_with_code(finding)},
              {text_at(finding, "quantity"), text_at(finding, "uom"), text_at(finding, "since")});
    std::string out;
    for (const char* list : {"records", "rows"})
        for (const Json& row : list_at(finding, list)) {
            out += head;
            const bool record = std::string_view{list} == "records";
            add_cells(out,
                      {text_at(row, "source"), text_at(row, "query"), text_at(row, "key"), text_at(row, "item"),
                       record ? "record" : text_at(row, "movement"), text_at(row, "from"), text_at(row, "to"), text_at(row, "party")},
                      {text_at(row, "time"), text_at(row, "quantity"), text_at(row, "uom")});
            append_cell(out, documents_text(finding, "documents", "id", "number"));
            out += "\r\n";
        }
    return out.empty() ? head + ",,,,,,,,,,,\r\n" : out;
}

ExitCode end_with(const Sum& sum) { return sum.count() == 0 ? ExitCode::done : ExitCode::no; }

ExitCode pass_on_rows(Session& session, bool csv) {
    if (csv)
        session.screen().out
            << "kind,item,id,sku,place,quantity,uom,since,source,query,key,rowItem,movement,from,to,party,time,rowQuantity,"
               "rowUom,documents\r\n";
    Sum sum;
    const auto stopped = each_page(session, sum, [&](const Json& page) {
        for (const Json& finding : list_at(page, "findings"))
            session.screen().out << (csv ? csv_rows(finding) : boost::json::serialize(finding) + '\n');
    });
    if (stopped) return *stopped;
    if (csv)
        session.screen().out << fmt::format("#end asOf={} nodes={} findings={} complete=true\r\n", sum.as_of(), sum.nodes(), sum.count());
    else
        session.screen().out << fmt::format(R"({{"asOf":{},"nodes":{},"findings":{},"complete":true}})", sum.as_of(), sum.nodes(),
                                            sum.count())
                             << '\n';
    return end_with(sum);
}

}  // namespace

ExitCode erp_audit(Session& session) {
    const Invocation& call = session.call();
    if (!call.format.empty()) return pass_on_rows(session, call.format == "csv");
    const std::uint64_t limit = call.limit.value_or(kShownDefault);
    Sum sum;
    boost::json::array shown;
    const auto stopped = each_page(session, sum, [&](const Json& page) {
        for (const Json& finding : list_at(page, "findings"))
            if (limit == 0 || shown.size() < limit) shown.push_back(finding);
    });
    if (stopped) return *stopped;
    boost::json::object answer = sum.answer();
    if (!call.count) answer["findings"] = std::move(shown);
    if (call.json)
        session.print_json(answer);
    else
        session.print(render_audit(answer, session.look()));
    return end_with(sum);
}

}  // namespace stemma::cli
