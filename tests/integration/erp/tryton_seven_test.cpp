// Tryton 7.0: the rows of the demo and of the larger data set, which 6.0 made, in the tables as 7.0 has them. Whatever is read of them must
// be what is read in 6.0, row by row; what is another version is refused by name.
#include <gtest/gtest.h>

#include <map>

#include "tests/integration/erp/tryton_database.hpp"

namespace stemma::erp {
namespace {

using test::Data;
using test::TrytonDatabase;
using test::Which;
using Digests = std::map<std::string, std::string>;

Digests digests_of(ErpSource& source) {
    Digests digests;
    for (const SourceBatch& batch : test::read_all(source)) {
        for (const SourceReject& reject : batch.rejects) ADD_FAILURE() << reject.query << ' ' << reject.key << ": " << reject.reason;
        for (const SourceRecord& record : batch.records) digests.emplace(record.query + ' ' + record.key, record.digest);
    }
    return digests;
}

std::string refusal(ErpSource& source) {
    const auto reading = source.read({});
    return reading ? "it was read" : reading.error().message;
}

class TrytonSeven : public ::testing::TestWithParam<Which> {
protected:
    void SetUp() override {
        if (!database.missing().empty()) GTEST_SKIP() << database.missing();
    }
    TrytonDatabase database{GetParam()};
};

TEST_P(TrytonSeven, reads_of_the_same_rows_what_six_reads) {
    const Digests six = digests_of(*database.source());
    database.run(test::kToTryton7);
    const std::string before = database.content();
    const auto source = database.source({}, test::tryton("7.0"));
    EXPECT_EQ(digests_of(*source), six);
    EXPECT_GT(six.size(), 1500U);
    EXPECT_EQ(database.content(), before);
}

TEST_P(TrytonSeven, reads_lots_that_were_deactivated) {
    database.run(test::kToTryton7);
    const Digests all = digests_of(*database.source({}, test::tryton("7.0")));
    database.run("UPDATE stock_lot SET active = FALSE");
    EXPECT_EQ(digests_of(*database.source({}, test::tryton("7.0"))), all);
}

TEST_P(TrytonSeven, and_six_refuse_each_others_tables_by_name) {
    const std::string seven_on_six = refusal(*database.source({}, test::tryton("7.0")));
    EXPECT_NE(seven_on_six.find("6.8 or earlier, of which 5.8 to 6.6 have the mapping tryton-6.0"), std::string::npos) << seven_on_six;
    database.run(test::kToTryton7);
    const std::string six_on_seven = refusal(*database.source());
    EXPECT_NE(six_on_seven.find("of which 7.0 has the mapping tryton-7.0"), std::string::npos) << six_on_seven;
    const auto checked = database.source({}, test::tryton("7.0"))->check();
    ASSERT_TRUE(checked);
    EXPECT_TRUE(checked->fits);
    EXPECT_EQ(checked->version, "7.0");
}

TEST_P(TrytonSeven, refuses_a_later_one_that_keeps_streets_in_parts) {
    database.run(test::kToTryton7);
    database.run("ALTER TABLE party_address RENAME COLUMN street TO street_unstructured");
    const std::string refused = refusal(*database.source({}, test::tryton("7.0")));
    EXPECT_NE(refused.find("7.6 or later"), std::string::npos) << refused;
}

/// 6.8 has lots that can be deactivated, and still uom: neither mapping is for it.
TEST_P(TrytonSeven, leaves_six_eight_to_nobody) {
    database.run("ALTER TABLE stock_lot ADD COLUMN active boolean DEFAULT TRUE");
    EXPECT_NE(refusal(*database.source({}, test::tryton("7.0"))), "it was read");
    EXPECT_NE(refusal(*database.source()), "it was read");
}

INSTANTIATE_TEST_SUITE_P(Tryton, TrytonSeven,
                         ::testing::Values(Which{Data::demo, sql::Engine::sqlite}, Which{Data::demo, sql::Engine::postgresql},
                                           Which{Data::trace, sql::Engine::sqlite}),
                         [](const auto& given) { return test::name_of(given.param); });

}  // namespace
}  // namespace stemma::erp
