#include "core/engine/facts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace stemma::engine {

FactReader::FactReader(ReadSnapshot& snapshot, Sequence position, const Limits& limits, ItemFolds* folds)
    : snapshot_{snapshot}, position_{position}, limits_{limits}, folds_{folds} {}

const std::vector<FactReader::Catalogued>& FactReader::catalogue() {
    using enum ColumnType;
    using F = FactReader;
    static const std::vector<Column> cases{{"case", text},   {"workflow", text}, {"state", text},    {"version", int64},
                                           {"opened", time}, {"changed", time},  {"closed", boolean}};
    static const std::vector<Column> walked{{"item", text}, {"product", text}, {"depth", int64}, {"certain", boolean}, {"kind", text}};
    static const std::vector<Column> named{{"name", text}, {"value", text}};
    static const std::vector<Catalogued> table{
        {{"item.identity", {"item"}, {{"scheme", text}, {"value", text}}, "every identifier of the item, the one people see first"},
         &F::item_identity},
        {{"item.product",
          {"item"},
          {{"product", text}, {"sku", text}, {"name", text}, {"category", text}, {"tracking", text}},
          "the product the item is one of; for goods without lots the product itself"},
         &F::item_product},
        {{"item.dates",
          {"item"},
          {{"made_at", time}, {"expiry", time}, {"best_before", time}, {"received_at", time}},
          "when it was made (productionDate, else its first output or commissioning), expires, is best before, first came in"},
         &F::item_dates},
        {{"item.attributes", {"item"}, named, "the item's own attributes as its source gave them"}, &F::item_attributes},
        {{"item.status", {"item"}, {{"status", text}}, "the item's status, folded from its events"}, &F::item_status},
        {{"item.history",
          {"item"},
          {{"event", text},
           {"position", int64},
           {"time", time},
           {"date_only", boolean},
           {"type", text},
           {"action", text},
           {"biz_step", text},
           {"disposition", text},
           {"role", text},
           {"quantity", quantity},
           {"place", text},
           {"read_point", text},
           {"from_owner", text},
           {"to_owner", text},
           {"from_holder", text},
           {"to_holder", text},
           {"document_type", text},
           {"document", text},
           {"document_number", text}},
          "every event that names the item, a row for each role it has there"},
         &F::item_history},
        {{"item.milestones",
          {"item"},
          {{"kind", text}, {"time", time}, {"date_only", boolean}, {"event", text}, {"party", text}, {"market", text}, {"document", text}},
          "what the item went through, by the table below"},
         &F::item_milestones},
        {{"item.sold_at",
          {"item"},
          {{"time", time}, {"party", text}, {"market", text}, {"document", text}, {"place", text}},
          "each sale of it, the oldest first; one that came back and was sold again has two"},
         &F::item_sold_at},
        {{"item.as_built",
          {"item"},
          {{"component", text}, {"product", text}, {"sku", text}, {"quantity", quantity}, {"event", text}, {"time", time}},
          "what its production took in, one level; of an order with several outputs all that the order took in"},
         &F::item_as_built},
        {{"item.as_maintained",
          {"item"},
          {{"component", text},
           {"product", text},
           {"sku", text},
           {"quantity", quantity},
           {"installed_at", time},
           {"event", text},
           {"replaced", text}},
          "what it consists of now: as built, with what was put in and taken out since"},
         &F::item_as_maintained},
        {{"item.installed_in",
          {"item"},
          {{"parent", text}, {"since", time}, {"event", text}},
          "the items that consist of it now, which is the other side of item.as_maintained"},
         &F::item_installed_in},
        {{"item.replacements",
          {"item"},
          {{"direction", text}, {"item", text}, {"case", text}, {"time", time}},
          "what it replaces, and what it was replaced by; of an event the case is its rma document"},
         &F::item_replacements},
        {{"item.repairs",
          {"item"},
          {{"started", time}, {"ended", time}, {"case", text}, {"place", text}, {"document", text}},
          "its repairs; one that has not ended has no end"},
         &F::item_repairs},
        {{"item.lots",
          {"item"},
          {{"lot", text}, {"relation", text}},
          "is: itself a lot; inside: a lot that it consists of now; part_of: a lot of its own product that it was made from"},
         &F::item_lots},
        {{"lot.expiry",
          {"lot"},
          {{"expiry", time}, {"best_before", time}, {"made_at", time}},
          "the dates of item.dates that a shelf life is reckoned by"},
         &F::lot_expiry},
        {{"item.cases", {"item"}, cases, "the cases about the item, by their opening"}, &F::item_cases},
        {{"case.open", {"item"}, cases, "those of item.cases that are not closed"}, &F::case_open},
        {{"item.holds",
          {"item"},
          {{"case", text}, {"workflow", text}, {"since", time}, {"reason", text}, {"stage", text}},
          "the open cases that hold the item"},
         &F::item_holds},
        {{"case.fields", {"case"}, named, "the named values of a case after its newest step"}, &F::case_fields},
        {{"lineage.ancestors", {"item", "depth"}, walked, "what it came from, in at most so many steps from item to item"},
         &F::lineage_ancestors},
        {{"lineage.descendants", {"item", "depth"}, walked, "what it went into, in at most so many steps from item to item"},
         &F::lineage_descendants},
        {{"product.attributes", {"product"}, named, "sku, name, category, tracking, unit and the product's attributes"},
         &F::product_attributes},
        {{"product.stock",
          {"product"},
          {{"item", text}, {"lot", text}, {"place", text}, {"status", text}, {"quantity", quantity}, {"expiry", time}, {"made_at", time}},
          "what there is of it on hand and in transit, a row for each item, place and unit of measure"},
         &F::product_stock},
        {{"product.sales",
          {"product", "days"},
          {{"day", time}, {"quantity", quantity}, {"events", int64}},
          "its sales by day (UTC) and unit, over so many days up to that of the newest entry; days without a sale have no row"},
         &F::product_sales},
        {{"party.attributes", {"party"}, named, "code and attributes of a party; never a name or an address"}, &F::party_attributes},
        {{"place.attributes", {"place"}, named, "code, name, kind, parent and attributes of a place"}, &F::place_attributes},
    };
    return table;
}

const std::vector<FactKind>& fact_kinds() {
    static const std::vector<FactKind> kinds = [] {
        std::vector<FactKind> all;
        for (const auto& row : FactReader::catalogue()) all.push_back(row.kind);
        return all;
    }();
    return kinds;
}

Result<FactTable> FactReader::answer(const FactRequest& request) {
    const auto row =
        std::ranges::find(catalogue(), request.name, [](const Catalogued& one) -> const std::string& { return one.kind.name; });
    if (row == catalogue().end())
        return fail(Errc::plugin, fmt::format("there is no fact '{}'", clip(request.name)), {}, "core/docs/facts.md lists them");
    const FactKind& kind = row->kind;
    if (request.arguments.size() != kind.arguments.size())
        return fail(Errc::plugin, fmt::format("the fact {} takes {} argument(s), {} were given", kind.name, kind.arguments.size(),
                                              request.arguments.size()));
    read_.clear();
    spent_ = 0;
    FactTable table{request.name, request.arguments, kind.columns, {}};
    if (auto read = (this->*row->answer)(request.arguments, table); !read) return fail(std::move(read));
    if (table.rows.size() > limits_.fact_rows_max)
        return fail(Errc::too_large,
                    fmt::format("the fact {} has {} rows, at most {} are told", kind.name, table.rows.size(), limits_.fact_rows_max), {},
                    "limits.fact_rows_max in stemma.yaml sets how many");
    return table;
}

}  // namespace stemma::engine
