// Whole runs of `stemma erp audit` against an API that answers page by page.
#include "tests/unit/cli/run_fixture.hpp"

namespace stemma::cli {
namespace {

constexpr const char* kFirst =
    R"({"asOf":1571,"source":"tryton","nodes":300,"count":1,"byKind":[{"kind":"two_places","count":1,"meaning":"one thing is at two places",)"
    R"("lookFor":"a move"}],"findings":[{"kind":"two_places","item":{"id":"urn:i:1","label":"SN-1","kind":"serial","sku":"P","product":"Pump"},)"
    R"("place":"urn:p:1","code":"STO","name":"Storage","quantity":2,"uom":"C62","since":"2026-06-01",)"
    R"("records":[{"source":"tryton","query":"lots","key":"9","sequence":7,"item":"SN-1"}],)"
    R"("rows":[{"source":"tryton","query":"moves","key":"17","sequence":8,"time":"2026-06-01","movement":"received","item":"SN-1",)"
    R"("quantity":1,"uom":"C62","to":"Storage","party":"=Hook & Co"},)"
    R"({"source":"tryton","query":"moves","key":"18","sequence":9,"time":"2026-06-02T10:00:00Z","movement":"received","item":"SN-1",)"
    R"("quantity":1,"uom":"C62","to":"Dock"}],"documents":[{"type":"recadv","number":"4","id":"urn:stemma:tryton:receipt:4"}],)"
    R"("moreDocuments":2}],"next":77})";
constexpr const char* kLast =
    R"({"asOf":1571,"source":"tryton","nodes":98,"count":2,"byKind":[{"kind":"two_places","count":1,"meaning":"one thing is at two places",)"
    R"("lookFor":"a move"},{"kind":"same_number","count":1,"meaning":"the same","lookFor":"one"}],"findings":[)"
    R"({"kind":"two_places","item":{"id":"urn:i:2","label":"SN-2","kind":"serial"}},)"
    R"({"kind":"same_number","item":{"id":"urn:i:3","label":"L-1","kind":"lot"},"others":[{"id":"urn:i:4","label":"l1","kind":"lot"}],)"
    R"("records":[{"source":"tryton","query":"lots","key":"3","sequence":1,"item":"L-1"},)"
    R"({"source":"tryton","query":"lots","key":"4","sequence":2,"item":"l1"}]}]})";
constexpr const char* kNothing = R"({"asOf":1571,"nodes":398,"count":0,"byKind":[],"findings":[]})";

using RunAudit = Run;

TEST_F(RunAudit, puts_its_pages_together_as_of_the_position_of_the_first) {
    answer(200, kFirst);
    answer(200, kLast);
    EXPECT_EQ(run({"erp", "audit", "tryton"}), ExitCode::no);
    ASSERT_EQ(script.asked.size(), 2U);
    EXPECT_EQ(script.asked[0].path, "/api/v1/erp/audit");
    EXPECT_EQ(script.asked[0].query, (Query{{"limit", "1000"}, {"source", "tryton"}}));
    EXPECT_EQ(script.asked[1].query, (Query{{"limit", "1000"}, {"source", "tryton"}, {"cursor", "77"}, {"as_of", "1571"}}));
    EXPECT_EQ(out.str(),
              "Audit of tryton, as of ledger position 1571: 3 findings among 398 items and productions\n"
              "  kind         count  what it means\n"
              "  two places       2  one thing is at two places\n"
              "  same number      1  the same\n"
              "\n"
              "two places\n"
              "  look for: a move\n"
              "  SN-1 (lots 9), P Pump: 2 pcs at Storage (STO), since 2026-06-01\n"
              "    when               what      quantity  to       with        row       entry\n"
              "    2026-06-01         received     1 pcs  Storage  =Hook & Co  moves 17      8\n"
              "    2026-06-02 10:00Z  received     1 pcs  Dock                 moves 18      9\n"
              "    documents: receipt 4, and 2 more\n"
              "  SN-2\n"
              "\n"
              "same number\n"
              "  look for: one\n"
              "  L-1 (lots 3), l1 (lots 4)\n");
}

TEST_F(RunAudit, ends_with_0_when_there_is_nothing) {
    answer(200, kNothing);
    EXPECT_EQ(run({"erp", "audit"}), ExitCode::done);
    EXPECT_EQ(out.str(), "Audit, as of ledger position 1571: 0 findings among 398 items and productions\n");
}

TEST_F(RunAudit, shows_as_many_as_it_is_told_to_and_says_how_many_are_left) {
    answer(200, kFirst);
    answer(200, kLast);
    EXPECT_EQ(run({"erp", "audit", "tryton", "--limit", "1"}), ExitCode::no);
    EXPECT_NE(out.str().find("\n  ... 2 more findings not shown, --limit 0 shows all\n"), std::string::npos) << out.str();
    EXPECT_EQ(out.str().find("SN-2"), std::string::npos);
}

TEST_F(RunAudit, counts_without_listing) {
    answer(200, R"({"asOf":5,"nodes":3,"count":1,"byKind":[{"kind":"outside","count":1,"meaning":"m","lookFor":"l"}]})");
    EXPECT_EQ(run({"erp", "audit", "--count", "--json"}), ExitCode::no);
    EXPECT_EQ(script.asked[0].query, (Query{{"limit", "1000"}, {"count", "true"}}));
    EXPECT_EQ(out.str(), R"({"asOf":5,"nodes":3,"count":1,"byKind":[{"kind":"outside","count":1,"meaning":"m","lookFor":"l"}]})"
                         "\n");
}

TEST_F(RunAudit, prints_a_csv_row_for_each_row_of_the_erp_and_a_last_one) {
    answer(200, kFirst);
    answer(200, kLast);
    EXPECT_EQ(run({"erp", "audit", "tryton", "--format", "csv"}), ExitCode::no);
    EXPECT_EQ(
        out.str(),
        "kind,item,id,sku,place,quantity,uom,since,source,query,key,rowItem,movement,from,to,party,time,rowQuantity,rowUom,documents\r\n"
        "two_places,SN-1,urn:i:1,P,Storage (STO),2,C62,2026-06-01,tryton,lots,9,SN-1,record,,,,,,,receipt 4\r\n"
        "two_places,SN-1,urn:i:1,P,Storage (STO),2,C62,2026-06-01,tryton,moves,17,SN-1,received,,Storage,'=Hook & Co,2026-06-01,1,C62,"
        "receipt 4\r\n"
        "two_places,SN-1,urn:i:1,P,Storage (STO),2,C62,2026-06-01,tryton,moves,18,SN-1,received,,Dock,,2026-06-02T10:00:00Z,1,C62,"
        "receipt 4\r\n"
        "two_places,SN-2,urn:i:2,,,,,,,,,,,,,,,,,\r\n"
        "same_number,L-1,urn:i:3,,,,,,tryton,lots,3,L-1,record,,,,,,,\r\n"
        "same_number,L-1,urn:i:3,,,,,,tryton,lots,4,l1,record,,,,,,,\r\n"
        "#end asOf=1571 nodes=398 findings=3 complete=true\r\n");
}

TEST_F(RunAudit, prints_a_finding_a_line_and_a_last_line_only_when_it_is_whole) {
    answer(200, kFirst);
    answer(200, kLast);
    EXPECT_EQ(run({"erp", "audit", "--format", "ndjson"}), ExitCode::no);
    EXPECT_TRUE(out.str().ends_with("{\"asOf\":1571,\"nodes\":398,\"findings\":3,\"complete\":true}\n")) << out.str();
    answer(200, kFirst);
    EXPECT_EQ(run({"erp", "audit", "--format", "ndjson"}), ExitCode::unreachable);
    EXPECT_EQ(out.str().find("complete"), std::string::npos);
}

}  // namespace
}  // namespace stemma::cli
