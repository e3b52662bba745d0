// Every message id of the plugin host has its paragraph in the manual, and the manual has none that is gone.
#include "core/plugin_host/messages.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace stemma {
namespace {

std::string text_of(const std::filesystem::path& path) {
    std::ifstream in(path);
    EXPECT_TRUE(in) << path;
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Words that begin with `lead`, which is not counted in.
std::set<std::string> ids_after(const std::string& text, const std::string& lead) {
    std::set<std::string> out;
    for (std::size_t at = text.find(lead + "PLUGIN_"); at != std::string::npos; at = text.find(lead + "PLUGIN_", at + 1)) {
        const std::size_t begin = at + lead.size();
        out.insert(text.substr(begin, text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", begin) - begin));
    }
    return out;
}

TEST(PluginMessages, manual_and_code_name_the_same_ids) {
    const std::filesystem::path root = STEMMA_SOURCE_DIR;
    const auto coded = ids_after(text_of(root / "core/plugin_host/messages.hpp"), "\"");
    const auto documented = ids_after(text_of(root / "core/docs/plugin-messages.md"), "### ");
    EXPECT_GT(coded.size(), 30U);
    EXPECT_EQ(coded, documented);
}

}  // namespace
}  // namespace stemma
