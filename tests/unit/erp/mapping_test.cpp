#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "tests/unit/erp/support.hpp"

namespace stemma::erp {
namespace {

using test::kToy;
using test::read_text;
using test::toy;
using test::toy_with;

/// The first mistake found after one replacement in the toy mapping.
std::string mistake(std::string_view from, std::string_view to) {
    const auto mapping = read_text(toy_with(from, to));
    return mapping ? "none" : mapping.error().front().text();
}

TEST(Mapping, is_read_with_its_parts_queries_and_columns) {
    const auto mapping = toy();
    EXPECT_EQ(mapping->name, "toy-1");
    EXPECT_EQ(mapping->units.at("kg"), "KGM");
    ASSERT_EQ(mapping->parts.size(), 1U);
    EXPECT_EQ(mapping->parts[0].optional[1].text(), "lot.made");
    const MappedQuery& moves = *mapping->find("moves");
    EXPECT_EQ(moves.columns[moves.key].name, "id");
    EXPECT_EQ(moves.columns[4].type, ColumnType::decimal);
    EXPECT_TRUE(moves.columns[4].nullable);
    EXPECT_FALSE(moves.columns[5].nullable);
    EXPECT_EQ(moves.where, "toy.yaml:38:5");
    EXPECT_EQ(mapping->find("lots")->uses, std::vector<std::size_t>{0});
    EXPECT_FALSE(mapping->find("lots")->cursor);
    EXPECT_EQ(mapping->find("lot"), nullptr);
}

TEST(Mapping, says_what_its_queries_become) {
    const auto mapping = toy();
    EXPECT_EQ(becomes(*mapping->find("lots")), "items");
    EXPECT_EQ(becomes(*mapping->find("moves")), "events: receiving");
}

TEST(Mapping, a_case_replaces_what_the_event_says) {
    const auto mapping = toy();
    const auto& events = std::get<EventTemplates>(mapping->find("moves")->record);
    EXPECT_EQ(events.cases.at("in").items.size(), 1U);
    EXPECT_EQ(events.cases.at("in").type, EventType::object);
    EXPECT_EQ(events.cases.at("use").items.size(), 0U);
    EXPECT_EQ(events.cases.at("use").inputs.size(), 1U);
    EXPECT_EQ(events.cases.at("use").type, EventType::transformation);
    EXPECT_EQ(events.cases.at("use").documents.size(), 1U);
}

TEST(Mapping, lists_the_tables_and_columns_it_reads) {
    const Tables tables = tables_read(*toy());
    EXPECT_EQ(tables.size(), 2U);
    EXPECT_EQ(tables.at("lot"), (std::vector<std::string>{"id", "expires", "made", "number"}));
}

TEST(Mapping, refuses_an_unknown_key_with_its_place_and_the_nearest_name) {
    const std::string said = mistake("    cursor: {", "    curser: {");
    EXPECT_TRUE(said.starts_with("toy.yaml:41:5: ")) << said;
    EXPECT_TRUE(said.contains("curser") && said.contains("did you mean 'cursor'?")) << said;
}

TEST(Mapping, refuses_a_wrong_type_with_its_place) {
    const std::string said = mistake("units:\n  pc: C62", "units:\n  pc: 62");
    EXPECT_TRUE(said.starts_with("toy.yaml:10:7")) << said;
}

TEST(Mapping, refuses_a_column_that_the_select_does_not_give) {
    EXPECT_EQ(mistake("{item: \"lot:{lot}\", quantity: quantity, unit: unit}]\n        doc",
                      "{item: \"lot:{lott}\", quantity: quantity, unit: unit}]\n        doc"),
              "toy.yaml:59:24: 'item': there is no column 'lott' (did you mean 'lot'?)");
    EXPECT_EQ(mistake("        time: day", "        time: dya"), "toy.yaml:58:15: 'time': there is no column 'dya' (did you mean 'day'?)");
    EXPECT_EQ(mistake("cursor: {changed: changed", "cursor: {changed: chagned"),
              "toy.yaml:41:23: 'changed': there is no column 'chagned' (did you mean 'changed'?)");
}

TEST(Mapping, refuses_a_column_of_the_wrong_type_for_its_place) {
    EXPECT_EQ(mistake("        time: day", "        time: lot"),
              "toy.yaml:58:15: 'time': column 'lot' is of type int (it must be of type date)");
    EXPECT_EQ(mistake("cursor: {changed: changed", "cursor: {changed: day"), "toy.yaml:41:23: 'changed': column 'day' is not of type time");
}

TEST(Mapping, refuses_a_key_that_may_be_null) {
    EXPECT_EQ(mistake("      id: int\n      kind", "      id: int?\n      kind"),
              "toy.yaml:40:10: 'key': the key may not be NULL (leave out its '?')");
}

/// Rows are asked for by their keys, which are put into SQL: a whole number as it is, a text in quotes, nothing else.
TEST(Mapping, refuses_a_key_that_is_neither_a_whole_number_nor_a_text) {
    EXPECT_EQ(mistake("      id: int\n      kind", "      id: decimal\n      kind"),
              "toy.yaml:40:10: 'key': a key is of type int or text (rows are asked for by their keys: make a text of it in the SQL)");
}

TEST(Mapping, refuses_words_outside_the_vocabulary) {
    EXPECT_EQ(mistake("biz_step: receiving", "biz_step: recieving"),
              "toy.yaml:65:25: 'recieving' is not a biz_step of CBV 2.0 (did you mean 'receiving'?)");
    EXPECT_TRUE(mistake("kind: lot", "kind: lott").contains("'kind': 'lott' is not a")) << mistake("kind: lot", "kind: lott");
}

TEST(Mapping, refuses_a_part_that_does_not_exist_or_is_not_used) {
    EXPECT_EQ(mistake("uses: [dates]", "uses: [datse]"), "toy.yaml:24:12: there is no part 'datse' above (did you mean 'dates'?)");
    EXPECT_EQ(mistake("    uses: [dates]\n", ""), "toy.yaml:13:3: no query uses the part 'dates'");
}

/// The cursor of query "moves" with this under it.
std::string touched_by(const std::string& tables, const std::string& keys) {
    return mistake("cursor: {changed: changed, id: id}",
                   "cursor: {changed: changed, id: id, touched: {tables: {" + tables + "}, keys: [" + keys + "]}}");
}

TEST(Mapping, refuses_touched_tables_and_keys_that_tell_of_no_row_of_the_query) {
    EXPECT_TRUE(touched_by("lot: []", "SELECT id FROM touched_lot").contains("'lot' is not among the tables of the query"));
    EXPECT_TRUE(touched_by("move: [chnged]", "SELECT id FROM touched_move").contains("(did you mean 'changed'?)"));
    EXPECT_TRUE(touched_by("move: [changed]", "SELECT id FROM move").contains("these keys follow from no changed row"));
    EXPECT_TRUE(touched_by("move: [changed]", "SELECT id FROM touched_mve").contains("no such table stands under 'tables'"));
    EXPECT_TRUE(touched_by("move: [changed]", "SELECT id FROM touched_moves").contains("no such table stands under 'tables'"));
    EXPECT_TRUE(touched_by("move: [changed]", "DELETE FROM touched_move").contains("does not begin with SELECT"));
}

TEST(Mapping, refuses_an_event_whose_lists_do_not_fit_its_type) {
    EXPECT_TRUE(mistake("              items: []\n", "").contains("a TransformationEvent has inputs and outputs, no items"));
    EXPECT_TRUE(mistake("              transformation: \"order:{note}\"\n", "").contains("needs a 'transformation'"));
    EXPECT_TRUE(mistake("              type: TransformationEvent\n", "").contains("only a TransformationEvent has inputs"));
}

TEST(Mapping, refuses_sql_that_is_more_than_one_select) {
    EXPECT_EQ(mistake("changed FROM move", "changed FROM move; DELETE FROM move"),
              "toy.yaml:54:10: 'sql': the SQL holds a ';' (a SELECT has no placeholders, casts by '::' or second statements)");
}

TEST(Mapping, refuses_names_that_are_no_names) {
    EXPECT_TRUE(mistake("      lot: [id, number]", "      \"lot; x\": [id, number]").contains("'lot; x' is not a name for this place"));
    EXPECT_TRUE(mistake("      lot: [id, number]", "      \"lot \": [id, number]").contains("'lot ' is not a name for this place"));
    EXPECT_TRUE(mistake("      note: text?", "      Note: text?").contains("'Note' is not a name for this place"));
}

TEST(Mapping, refuses_one_name_to_choose_from) {
    EXPECT_NE(mistake("  absent:\n", "  one_of:\n    - [lot.expires]\n  absent:\n"), "none");
    EXPECT_EQ(mistake("  absent:\n", "  one_of:\n    - [lot.expires, lot.expiry]\n  absent:\n"), "none");
}

TEST(Mapping, refuses_two_queries_of_one_name) {
    EXPECT_TRUE(mistake("name: moves", "name: lots").contains("there are two queries 'lots'"));
}

TEST(Mapping, names_every_mistake_at_once) {
    std::string text = toy_with("biz_step: receiving", "biz_step: recieving");
    text.replace(text.find("time: day"), 9, "time: dya");
    const auto mapping = read_text(text);
    ASSERT_FALSE(mapping);
    EXPECT_EQ(mapping.error().size(), 2U);
}

TEST(Mapping, an_absent_file_is_an_error_with_its_name) {
    const auto mapping = read_mapping_file("/nowhere/x.yaml");
    ASSERT_FALSE(mapping);
    EXPECT_TRUE(mapping.error().front().text().contains("/nowhere/x.yaml"));
}

void collect_keys(const config::Node& node, std::set<std::string>& keys) {
    if (const config::Node* properties = node.find("properties"))
        for (const config::Node::Entry& entry : properties->entries()) keys.insert(entry.key);
    for (const config::Node::Entry& entry : node.entries()) collect_keys(entry.value, keys);
    for (const config::Node& element : node.items()) collect_keys(element, keys);
}

/// Keys in quotes that the reader looks up: find("x"), and the helpers that take node and key.
std::set<std::string> keys_in_reader() {
    std::set<std::string> keys;
    for (const char* name : {"mapping.cpp", "record_reader.cpp"}) {
        std::ifstream file{std::string{STEMMA_SOURCE_DIR "/adapters/erp/"} + name};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        for (const std::string_view before :
             {"find(\"", "text(node, \"", "text(element, \"", "id(node, \"", "id(element, \"", "column(node, \"", "column(element, \"",
              "column(*choose, \"", "attributes(node, \"", "only.key == \""}) {
            for (std::size_t at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
                const std::size_t begin = at + before.size();
                keys.insert(text.substr(begin, text.find('"', begin) - begin));
            }
        }
    }
    keys.insert("event");  // the record that is none of the others
    return keys;
}

TEST(MappingSchema, has_exactly_the_keys_that_the_reader_reads) {
    const auto schema = config::read_yaml_text(mapping_schema(), "erp-mapping.schema.json");
    ASSERT_TRUE(schema) << schema.error().text();
    std::set<std::string> keys;
    collect_keys(schema->root(), keys);
    EXPECT_EQ(keys_in_reader(), keys);
}

/// Every mapping that is shipped can be read, and its SQL is held by its own form rules.
TEST(Mapping, the_shipped_odoo_mappings_are_sound) {
    for (const char* name : {"odoo-18", "odoo-16-17", "odoo-13-15"}) {
        const auto mapping = read_mapping_file(std::string{STEMMA_SOURCE_DIR "/config/erp/"} + name + ".yaml");
        ASSERT_TRUE(mapping) << mapping.error().front().text();
        EXPECT_EQ(mapping->name, name);
        EXPECT_EQ(mapping->erp, "Odoo");
        for (const MappedQuery& query : mapping->queries) EXPECT_TRUE(query.cursor || query.name == "places") << query.name;
        for (const auto& [table, columns] : tables_read(*mapping))
            EXPECT_FALSE(table.starts_with("ir_") || table == "res_users" || table.starts_with("hr_")) << table;
    }
}

/// The lines of each part and query of a mapping, without comments: "query moves" -> line -> how often.
std::map<std::string, std::map<std::string, int>> blocks_of(const std::string& name) {
    std::ifstream file{STEMMA_SOURCE_DIR "/config/erp/" + name + ".yaml"};
    EXPECT_TRUE(file) << name;
    std::map<std::string, std::map<std::string, int>> blocks;
    std::string section;
    std::string block;
    for (std::string line; std::getline(file, line);) {
        const std::size_t begin = line.find_first_not_of(' ');
        if (begin == std::string::npos || line[begin] == '#') continue;
        const std::string front = section == "queries" ? "  - name: " : "  ";
        if (begin == 0) {
            section = line.substr(0, line.find(':'));
            block = section;
        } else if (section == "queries" && line.starts_with(front)) {
            block = "query " + line.substr(front.size());
        } else if (section == "parts" && begin == 2) {
            block = "part " + line.substr(2, line.find(':') - 2);
        }
        ++blocks[block][line];
    }
    return blocks;
}

/// Block -> how many lines only one of the two mappings has.
std::map<std::string, int> apart(const std::string& one, const std::string& other) {
    auto left = blocks_of(one);
    const auto right = blocks_of(other);
    for (const auto& [block, lines] : right)
        for (const auto& [line, times] : lines) left[block][line] -= times;
    std::map<std::string, int> all;
    for (const auto& [block, lines] : left)
        for (const auto& [line, times] : lines)
            if (times != 0) all[block] += std::abs(times);
    return all;
}

/// The mappings of Odoo's versions are one text but for these places, and so many lines there. Whoever mends one mends all three.
TEST(Mapping, those_of_odoos_versions_are_the_same_but_for_what_the_versions_differ_in) {
    using Lines = std::map<std::string, int>;
    EXPECT_EQ(apart("odoo-18", "odoo-16-17"), (Lines{{"fingerprint", 14},
                                                     {"mapping", 2},
                                                     {"part quantities", 6},
                                                     {"part quantities_16", 16},
                                                     {"part quantities_17", 7},
                                                     {"part repair_lines_16", 7},
                                                     {"part repair_lines_17", 7},
                                                     {"part repairs", 9},
                                                     {"part scraps", 11},
                                                     {"part scraps_16", 7},
                                                     {"part scraps_17", 8},
                                                     {"version", 2}}));
    EXPECT_EQ(apart("odoo-18", "odoo-13-15"), (Lines{{"fingerprint", 17},
                                                     {"mapping", 2},
                                                     {"part counts", 8},
                                                     {"part counts_14", 8},
                                                     {"part counts_15", 7},
                                                     {"part lot_dates", 11},
                                                     {"part lot_dates_13", 10},
                                                     {"part lot_dates_14", 10},
                                                     {"part lot_properties", 15},
                                                     {"part lots", 4},
                                                     {"part quantities", 13},
                                                     {"part repair_lines", 7},
                                                     {"part repairs", 8},
                                                     {"part scraps", 11},
                                                     {"part template_names", 2},
                                                     {"part units", 2},
                                                     {"query lots", 19},
                                                     {"units", 3},
                                                     {"version", 2}}));
}

TEST(Mapping, the_shipped_erpnext_mappings_are_sound) {
    for (const char* name : {"erpnext-15", "erpnext-14"}) {
        const auto mapping = read_mapping_file(std::string{STEMMA_SOURCE_DIR "/config/erp/"} + name + ".yaml");
        ASSERT_TRUE(mapping) << mapping.error().front().text();
        EXPECT_EQ(mapping->name, name);
        for (const MappedQuery& query : mapping->queries) EXPECT_TRUE(query.cursor) << query.name;
        EXPECT_EQ(becomes(mapping->queries.back()),
                  "events: commissioning, decommissioning, other, receiving, shipping, stock_taking, transporting");
        EXPECT_EQ(tables_read(*mapping).contains("tabSerial and Batch Bundle"), std::string_view{name} == "erpnext-15");
        for (const auto& [table, columns] : tables_read(*mapping))
            EXPECT_TRUE(table.starts_with("tab") && table != "tabUser" && table != "tabContact") << table;
    }
}

TEST(Mapping, the_shipped_tryton_mappings_are_sound) {
    for (const char* version : {"6.0", "7.0"}) {
        const auto mapping = read_mapping_file(std::string{STEMMA_SOURCE_DIR "/config/erp/tryton-"} + version + ".yaml");
        ASSERT_TRUE(mapping) << mapping.error().front().text();
        EXPECT_EQ(mapping->erp, "Tryton");
        EXPECT_EQ(mapping->version, version);
        std::vector<std::string> names;
        for (const MappedQuery& query : mapping->queries) names.push_back(query.name);
        EXPECT_EQ(names, (std::vector<std::string>{"products", "places", "parties", "lots", "moves"}));
        EXPECT_EQ(becomes(mapping->queries.back()),
                  "events: commissioning, decommissioning, picking, receiving, shipping, stock_taking, storing, transporting");
        for (const auto& [table, columns] : tables_read(*mapping))
            EXPECT_FALSE(table.starts_with("ir_") || table.starts_with("res_")) << table;
    }
}

}  // namespace
}  // namespace stemma::erp
