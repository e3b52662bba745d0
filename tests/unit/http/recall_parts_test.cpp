// The parts of a recall that people act on: who to write to, from the redactable table, and what does not add up.
#include <gtest/gtest.h>

#include "adapters/http/api_recall.hpp"
#include "adapters/memory/memory_store.hpp"
#include "tests/unit/lineage/builders.hpp"

namespace stemma::http {
namespace {

using lineage::Fed;

class RecallParts : public testing::Test {
protected:
    RecallParts() {
        fed.add_master(lineage::place("urn:store", PlaceKind::stock));
        fed.add(lineage::received({lineage::some("urn:L", 3)}, "urn:supplier", "urn:store"));
        fed.add(lineage::shipped({lineage::some("urn:L", 5)}, "urn:store", "urn:customer"));
    }

    std::string parts() {
        const std::unique_ptr<ReadSnapshot> snapshot = store->read().value();
        const engine::Limits limits;
        DisplayNames names{*snapshot, fed.index, limits};
        const lineage::RecallReport report = [&] {
            const lineage::View view = fed.index.view();
            const std::vector seeds{view.find(ItemId{"urn:L"})};
            return lineage::recall(view, seeds);
        }();
        LineageText text{fed.index.view(report.as_of), names};
        json::Writer out;
        out.begin_object();
        write_recall_parts(out, text, report);
        out.end_object();
        return out.take();
    }
    template <class Work>
    void write(const Work& work) {
        const std::unique_ptr<UnitOfWork> unit = store->begin().value();
        ASSERT_TRUE(work(*unit));
        ASSERT_TRUE(unit->commit());
    }

    Fed fed;
    std::unique_ptr<Store> store{memory::make_store()};
};

TEST_F(RecallParts, give_a_party_the_name_and_contact_that_are_kept_and_no_digest_of_them) {
    const std::string before = parts();
    EXPECT_EQ(before.find("contact"), std::string::npos);
    write([](UnitOfWork& unit) { return unit.put_person({PartyId{"urn:customer"}, "Kestrel Guides", "ada@kestrel.example", "00"}); });
    const std::string with = parts();
    EXPECT_NE(with.find(R"("party":"urn:customer","name":"Kestrel Guides","contact":"ada@kestrel.example","movement":"shipped")"),
              std::string::npos)
        << with;
    EXPECT_EQ(with.substr(with.find("\"digest\"")), before.substr(before.find("\"digest\"")));
    write([](UnitOfWork& unit) { return unit.redact_person(PartyId{"urn:customer"}); });
    EXPECT_EQ(parts(), before);
}

TEST_F(RecallParts, count_the_item_asked_about_among_those_that_do_not_add_up_and_list_it_once) {
    const std::string text = parts();
    EXPECT_NE(text.find(R"("unbalancedItems":1)"), std::string::npos) << text;
    EXPECT_EQ(text.find(R"("unbalanced":)"), std::string::npos);  // its balance stands among those asked about
}

}  // namespace
}  // namespace stemma::http
