// Contacts of parties as the Tryton mapping reads them: which address, telephone and e-mail count, how they are joined, and that a change
// of one is found by the cursor.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/integration/erp/tryton_database.hpp"

namespace stemma::erp {
namespace {

using test::Data;
using test::TrytonDatabase;
using test::Which;

/// Contact by the party's code (by its name, where it has no code); a party without one has "".
using Contacts = std::map<std::string, std::string>;

Contacts contacts_in(const std::vector<SourceBatch>& batches) {
    Contacts found;
    for (const SourceBatch& batch : batches) {
        EXPECT_TRUE(batch.rejects.empty());
        for (const SourceRecord& record : batch.records) {
            if (record.query != "parties") continue;
            const Party& party = std::get<Party>(std::get<Master>(record.record));
            found[party.code.empty() ? record.contact->name : party.code] = record.contact ? record.contact->contact : "";
        }
    }
    return found;
}

class TrytonContact : public ::testing::TestWithParam<sql::Engine> {
protected:
    void SetUp() override {
        if (!database_.missing().empty()) GTEST_SKIP() << database_.missing();
    }
    /// Runs statements of the ERP's, then reads all parties. "C05" in the SQL stands for that party's id.
    Contacts after(std::string sql) {
        const std::string id = "(SELECT id FROM party_party WHERE code = 'C05')";
        for (std::size_t at = sql.find("C05"); at != std::string::npos; at = sql.find("C05", at + id.size())) sql.replace(at, 3, id);
        database_.run(sql);
        return contacts_in(test::read_all(*database_.source()));
    }
    TrytonDatabase database_{Which{Data::demo, GetParam()}};
};

TEST_P(TrytonContact, is_the_address_the_telephone_and_the_email_that_the_erp_has) {
    const Contacts contacts = contacts_in(test::read_all(*database_.source()));
    EXPECT_EQ(contacts.size(), 34U);
    EXPECT_EQ(contacts.at("C01"), "2 Bellows Yard, ZZ2 4QD Nether Quill, +44 1632 960001, quality@kestrel-ridge-guides.example");
    EXPECT_EQ(contacts.at("S24"), "36 Emberfold, ZZ1 1AA Kestrelford, quality@ladlemoor-kitchens.example");  // no telephone
    EXPECT_EQ(contacts.at("C20"), "21 Carder Row, ZZ1 1AA Kestrelford");                                     // an address alone
    EXPECT_EQ(contacts.at("1"), "");                                                                         // the company itself
}

TEST_P(TrytonContact, is_the_first_active_one_in_trytons_order) {
    const Contacts contacts = after(
        "UPDATE party_address SET sequence = 10 WHERE party = C05;"
        "INSERT INTO party_address (id, party, street, city, sequence, active, create_date) VALUES"
        " (900, C05, 'Late Lane', 'Lateham', 20, TRUE, '2026-03-01 08:00:00'), (901, C05, 'Gone Lane', 'Goneham', 1, FALSE, '2026-03-01 "
        "08:00:00'),"
        " (902, C05, 'Fifth Lane', 'Fiveham', 5, TRUE, '2026-03-01 08:00:00');"
        "UPDATE party_contact_mechanism SET active = FALSE WHERE party = C05 AND type = 'phone';"
        "INSERT INTO party_contact_mechanism (id, party, type, value, sequence, active, create_date) VALUES"
        " (900, C05, 'mobile', '07700 900001', NULL, TRUE, '2026-03-01 08:00:00'), (901, C05, 'phone', '01632 960900', 9, TRUE, "
        "'2026-03-01 08:00:00'),"
        " (902, C05, 'email', 'first@larkspindle.example', NULL, TRUE, '2026-03-01 08:00:00'),"
        " (903, C05, 'website', 'www.larkspindle.example', 1, TRUE, '2026-03-01 08:00:00');"
        "UPDATE party_contact_mechanism SET sequence = 1 WHERE party = C05 AND type = 'email' AND id < 900;");
    EXPECT_EQ(contacts.at("C05"), "Fifth Lane, Fiveham, 01632 960900, first@larkspindle.example");
    EXPECT_EQ(contacts.at("C04"), "5 Emberfold, ZZ1 1AA Kestrelford, +44 1632 960004, quality@stonewether-rescue.example");
}

TEST_P(TrytonContact, of_parts_that_are_missing_has_no_stray_commas) {
    EXPECT_EQ(after("UPDATE party_address SET street = 'Unit 4\nEast Quay', postal_code = NULL, city = '' WHERE party = C05;"
                    "DELETE FROM party_contact_mechanism WHERE party = C05")
                  .at("C05"),
              "Unit 4, East Quay");
    EXPECT_EQ(after("UPDATE party_address SET street = NULL, postal_code = 'ZZ9 9ZZ' WHERE party = C05").at("C05"), "ZZ9 9ZZ");
    EXPECT_EQ(after("UPDATE party_address SET active = FALSE WHERE party = C05").at("C05"), "");
    EXPECT_EQ(after("INSERT INTO party_contact_mechanism (id, party, type, value, active, create_date)"
                    " VALUES (900, C05, 'email', 'a@b.example', TRUE, '2026-03-01 08:00:00')")
                  .at("C05"),
              "a@b.example");
}

TEST_P(TrytonContact, that_changes_is_found_by_the_cursor) {
    SourceSettings settings;
    settings.overlap = std::chrono::seconds{1};
    const auto source = database_.source(settings);
    std::map<std::string, std::string> cursors;
    for (const SourceBatch& batch : test::read_all(*source)) cursors[batch.query] = batch.cursor;
    const auto read_after = [&](const std::string& sql) {
        after(sql);
        return contacts_in(test::read_all(*source, cursors));
    };
    EXPECT_FALSE(read_after("SELECT 1").contains("C05"));
    const auto moved = read_after("UPDATE party_address SET city = 'Elsewhere', write_date = '2026-11-20 12:00:00' WHERE party = C05");
    EXPECT_EQ(moved.at("C05"), "6 Fuller Street, ZZ2 4QD Elsewhere, +44 1632 960005, quality@larkspindle-outdoor.example");
    const auto silent =
        read_after("UPDATE party_contact_mechanism SET active = FALSE, write_date = '2026-11-20 13:00:00' WHERE party = C05");
    EXPECT_EQ(silent.at("C05"), "6 Fuller Street, ZZ2 4QD Elsewhere");
}

INSTANTIATE_TEST_SUITE_P(Tryton, TrytonContact, ::testing::Values(sql::Engine::sqlite, sql::Engine::postgresql),
                         [](const auto& given) { return given.param == sql::Engine::sqlite ? "sqlite" : "postgresql"; });

}  // namespace
}  // namespace stemma::erp
