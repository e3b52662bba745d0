// An Odoo that was upgraded, or that was given the mapping of another version: which one fits is said by name.
#include "adapters/erp/nearest.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/integration/odoo/odoo_database.hpp"

namespace stemma::erp {
namespace {

using test::OdooDatabase;

SourceSettings all_known() {
    SourceSettings settings;
    settings.others = [] {
        std::vector<std::shared_ptr<const Mapping>> all;
        for (const char* name : {"odoo-13-15", "odoo-16-17", "odoo-18"}) all.push_back(test::odoo_mapping(name));
        return all;
    };
    return settings;
}

TEST(NearestMapping, is_named_where_a_database_fits_another_one) {
    for (const auto& [version, given, right] :
         {std::tuple{18, "odoo-16-17", "odoo-18"}, std::tuple{17, "odoo-18", "odoo-16-17"}, std::tuple{16, "odoo-18", "odoo-16-17"},
          std::tuple{15, "odoo-18", "odoo-13-15"}, std::tuple{13, "odoo-16-17", "odoo-13-15"}}) {
        const OdooDatabase erp{test::odoo_story(version)};
        if (!erp.missing().empty()) GTEST_SKIP() << erp.missing();
        const auto report = erp.source(test::odoo_mapping(given), all_known())->fit();
        ASSERT_TRUE(report) << report.error().text();
        EXPECT_FALSE(report->fits);
        EXPECT_EQ(report->nearest, std::string{right} + " fits this database: set mapping: " + right) << version;
        EXPECT_EQ(report->findings.back().hint, std::string{"set mapping: "} + right);
    }
}

TEST(NearestMapping, of_another_erp_is_named_where_it_fits) {
    const OdooDatabase erp{test::odoo_story(18)};
    if (!erp.missing().empty()) GTEST_SKIP() << erp.missing();
    EXPECT_EQ(erp.source(test::odoo_mapping("tryton-6.0"), all_known())->fit()->nearest,
              "odoo-18 fits this database: set mapping: odoo-18");
}

TEST(NearestMapping, that_fits_as_little_is_named_with_what_it_misses) {
    const OdooDatabase erp{test::odoo_story(18)};
    if (!erp.missing().empty()) GTEST_SKIP() << erp.missing();
    const auto source = erp.source(test::odoo_mapping("odoo-18"), all_known());
    EXPECT_EQ(source->fit()->nearest, "");
    erp.run("ALTER TABLE stock_move_line RENAME COLUMN location_dest_id TO place_after");
    const auto report = source->fit();
    EXPECT_EQ(report->nearest, "no mapping for Odoo fits this database; odoo-18 misses least: 1 name");
    EXPECT_TRUE(std::ranges::any_of(
        report->findings, [](const SourceFinding& finding) { return finding.subject == "column stock_move_line.location_dest_id"; }));
}

}  // namespace
}  // namespace stemma::erp
