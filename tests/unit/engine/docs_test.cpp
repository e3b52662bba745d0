// core/docs/facts.md lists every fact of the catalogue with its columns, and no other.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "core/engine/facts.hpp"

namespace stemma::engine {
namespace {

TEST(FactCatalogue, stands_in_the_manual_word_for_word) {
    std::ifstream file{STEMMA_SOURCE_DIR "/core/docs/facts.md"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    for (const FactKind& kind : fact_kinds()) {
        std::string columns;
        for (const Column& column : kind.columns) columns += (columns.empty() ? "" : ", ") + column.name;
        const std::string line = "| `" + kind.name + "` | " + kind.arguments.front() + " | " + columns + " | " + kind.meaning + " |";
        EXPECT_NE(text.find(line), std::string::npos) << line;
    }
    std::size_t rows = 0;
    for (std::size_t at = text.find("\n| `"); at != std::string::npos; at = text.find("\n| `", at + 1)) ++rows;
    EXPECT_EQ(rows, fact_kinds().size());
}

}  // namespace
}  // namespace stemma::engine
