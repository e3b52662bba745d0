#include "core/base/digest.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "adapters/erp/record_digest.hpp"

namespace stemma::erp {
namespace {

SourceRecord event_record() {
    Event event;
    event.id = EventId{"urn:stemma:erp:move:1"};
    event.time = *parse_time("2026-03-01");
    event.biz_step = "receiving";
    event.biz_location = PlaceId{"urn:stemma:erp:place:2"};
    event.items = {{ItemId{"urn:stemma:erp:lot:7"}, Quantity{5'000, "KGM"}}, {ItemId{"urn:stemma:erp:lot:8"}, std::nullopt}};
    event.documents = {{"po", DocumentId{"urn:stemma:erp:purchase:9"}, "PO-9"}};
    event.sources = {{"possessing_party", "urn:stemma:erp:party:4"}};
    return {"moves", "1", "", std::move(event), std::nullopt};
}

/// Written by hand from README.md: this text must not change, or every row of every source would look changed.
TEST(RecordDigest, of_an_event_is_the_hash_of_the_text_in_the_readme) {
    const std::string text =
        "stemma 8:record 1\n"
        "event 21:urn:stemma:erp:move:1\n"
        "type 11:ObjectEvent\n"
        "action 7:OBSERVE\n"
        "time 10:2026-03-01\n"
        "biz_step 9:receiving\n"
        "biz_location 22:urn:stemma:erp:place:2\n"
        "item 20:urn:stemma:erp:lot:7\n"
        "quantity 5:0.005\n"
        "unit 3:KGM\n"
        "item 20:urn:stemma:erp:lot:8\n"
        "document 2:po\n"
        "id 25:urn:stemma:erp:purchase:9\n"
        "number 4:PO-9\n"
        "source 16:possessing_party\n"
        "id 22:urn:stemma:erp:party:4\n";
    EXPECT_EQ(canonical_text(event_record()), text);
    EXPECT_EQ(digest_of(event_record()), to_hex(sha256(text)));
}

/// The ledger keeps the digest, and a name can be guessed from an unsalted one.
TEST(RecordDigest, of_a_party_says_nothing_of_its_contact) {
    const Master party{Party{PartyId{"urn:stemma:erp:party:3"}, "C01", ""}};
    const SourceRecord named{"parties", "3", "", party, SourceContact{"Ada", "ada@example.org"}};
    EXPECT_EQ(canonical_text(named), "stemma 8:record 1\nparty 22:urn:stemma:erp:party:3\ncode 3:C01\n");
    EXPECT_EQ(digest_of(named), digest_of({"parties", "3", "", party, std::nullopt}));
}

TEST(RecordDigest, of_other_master_data_holds_every_field) {
    const SourceRecord product{
        "p", "1", "", Master{Product{ProductId{"p:1"}, "SKU", "Name", Tracking::lot_serial, "KGM", "food", {{"gtin", "1"}}}}, {}};
    EXPECT_EQ(canonical_text(product),
              "stemma 8:record 1\nproduct 3:p:1\nsku 3:SKU\nname 4:Name\ntracking 10:lot+serial\nunit 3:KGM\ncategory 4:food\n"
              "attribute 4:gtin\nvalue 1:1\n");
    const SourceRecord item{
        "i", "1", "", Master{Item{ItemId{"i:1"}, ItemKind::serial, ProductId{"p:1"}, {{"serial", "7"}}, {{"a", "b"}}}}, {}};
    EXPECT_EQ(canonical_text(item),
              "stemma 8:record 1\nitem 3:i:1\nkind 6:serial\nproduct 3:p:1\nscheme 6:serial\nnumber 1:7\nattribute 1:a\nvalue 1:b\n");
    const SourceRecord place{"l", "1", "", Master{Place{PlaceId{"l:1"}, "STO", "Store", PlaceKind::transit, PlaceId{"l:2"}}}, {}};
    EXPECT_EQ(canonical_text(place), "stemma 8:record 1\nplace 3:l:1\ncode 3:STO\nname 5:Store\nkind 7:transit\nparent 3:l:2\n");
}

TEST(RecordDigest, differs_with_every_field_of_an_event) {
    const std::vector<std::function<void(Event&)>> changes{
        [](Event&) {},
        [](Event& e) { e.id = EventId{"urn:stemma:erp:move:2"}; },
        [](Event& e) { e.type = EventType::transaction; },
        [](Event& e) { e.action = Action::add; },
        [](Event& e) { e.time = *parse_time("2026-03-02"); },
        [](Event& e) { e.time = *parse_time("2026-03-01T00:00:00Z"); },
        [](Event& e) { e.time = *parse_time("2026-03-01T02:00:00+02:00"); },
        [](Event& e) { e.biz_step = "shipping"; },
        [](Event& e) { e.disposition = "returned"; },
        [](Event& e) { e.read_point = e.biz_location; },
        [](Event& e) { e.biz_location = {}; },
        [](Event& e) { e.parent = ItemId{"x:1"}; },
        [](Event& e) { e.transformation = TransformationId{"x:1"}; },
        [](Event& e) { e.items[0].quantity->micros = 5'001; },
        [](Event& e) { e.items[0].quantity->unit = "GRM"; },
        [](Event& e) { e.items[0].quantity.reset(); },
        [](Event& e) { std::swap(e.items[0], e.items[1]); },
        [](Event& e) { std::swap(e.items, e.inputs); },
        [](Event& e) { std::swap(e.items, e.outputs); },
        [](Event& e) { e.documents[0].type = "rma"; },
        [](Event& e) { e.documents[0].number = "PO-8"; },
        [](Event& e) { std::swap(e.sources, e.destinations); },
        [](Event& e) { e.ilmd["a"] = "b"; },
        [](Event& e) { e.ilmd["a"] = ""; },
    };
    std::set<std::string> digests;
    for (const auto& change : changes) {
        SourceRecord record = event_record();
        change(std::get<Event>(record.record));
        digests.insert(digest_of(record));
    }
    EXPECT_EQ(digests.size(), changes.size());
}

TEST(RecordDigest, a_value_cannot_pass_for_another_line) {
    SourceRecord one = event_record();
    std::get<Event>(one.record).documents[0].number = "1\nid 1:x";
    SourceRecord two = event_record();
    std::get<Event>(two.record).documents[0].number = "1";
    std::get<Event>(two.record).documents.push_back({"", DocumentId{"x"}, ""});
    EXPECT_NE(canonical_text(one), canonical_text(two));
}

}  // namespace
}  // namespace stemma::erp
