// A small made-up ERP for the unit tests: its mapping as text, and how to read a mapping that is one change away from it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/erp/mapping.hpp"
#include "core/config/tree.hpp"

namespace stemma::erp::test {

inline constexpr std::string_view kToy = R"(mapping: toy-1
erp: Toy
version: "1"
fingerprint:
  tables:
    move: [id, kind]
  absent:
    move.quantity_unit: 2 or later
units:
  pc: C62
  kg: KGM
parts:
  dates:
    optional: [lot.expires, lot.made]
    without: lots have no dates
    tables:
      lot: [id, expires, made]
    columns: {lot_id: int, expires: date}
    sql: SELECT id AS lot_id, expires FROM lot WHERE made IS NOT NULL OR expires IS NOT NULL
queries:
  - name: lots
    table: lot
    key: id
    uses: [dates]
    tables:
      lot: [id, number]
    columns:
      id: int
      number: text?
      expires: date?
    sql: SELECT l.id, l.number, d.expires FROM lot l LEFT JOIN dates d ON d.lot_id = l.id
    record:
      item:
        id: "lot:{id}"
        kind: lot
        identifiers: [{scheme: lot, value: "{number}"}]
        attributes: {itemExpirationDate: "{expires}"}
  - name: moves
    table: move
    key: id
    cursor: {changed: changed, id: id}
    tables:
      move: [id, kind, day, lot, quantity, unit, partner, note, changed]
    columns:
      id: int
      kind: text
      day: date
      lot: int
      quantity: decimal?
      unit: text
      partner: text?
      note: text?
      changed: time?
    sql: SELECT id, kind, day, lot, quantity, unit, partner, note, changed FROM move
    record:
      event:
        id: "move:{id}"
        time: day
        items: [{item: "lot:{lot}", quantity: quantity, unit: unit}]
        documents: [{type: po, id: "order:{note}", number: "No. {note}"}]
        choose:
          column: kind
          cases:
            in:
              biz_step: receiving
              sources: [{type: possessing_party, id: "party:{partner}"}]
            use:
              type: TransformationEvent
              items: []
              inputs: [{item: "lot:{lot}", quantity: quantity, unit: unit}]
              transformation: "order:{note}"
)";

/// kToy with every occurrence of `from` replaced by `to`.
inline std::string toy_with(std::string_view from, std::string_view to) {
    std::string text{kToy};
    EXPECT_NE(text.find(from), std::string::npos) << from;
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
    return text;
}

inline std::expected<Mapping, std::vector<Error>> read_text(std::string_view text) {
    auto tree = config::read_yaml_text(text, "toy.yaml");
    if (!tree) return std::unexpected(std::vector{tree.error()});
    return read_mapping(tree->root());
}

inline std::shared_ptr<const Mapping> toy(std::string_view text = kToy) {
    auto mapping = read_text(text);
    if (!mapping) {
        ADD_FAILURE() << mapping.error().front().text();
        return std::make_shared<Mapping>();
    }
    return std::make_shared<const Mapping>(std::move(*mapping));
}

}  // namespace stemma::erp::test
