// The symbol table is read from bytes that anybody may have written: every cut and every changed byte is survived.
#include "core/plugin_host/exports.hpp"

#include <random>

#include "core/plugin_host/files.hpp"
#include "tests/unit/plugin_host/fixture.hpp"

namespace stemma {
namespace {

std::string bytes_of(const std::string& animal) {
    auto bytes = read_whole_file(kZoo / (animal + ".so"));
    EXPECT_TRUE(bytes);
    return bytes ? *bytes : std::string{};
}

TEST(Exports, finds_the_entry_alone_in_a_plugin) {
    const auto symbols = exported_symbols(bytes_of("healthy"), "here");
    ASSERT_TRUE(symbols) << symbols.error().text();
    EXPECT_EQ(*symbols, std::vector<std::string>{"stm_plugin_entry_v1"});
}

TEST(Exports, finds_what_else_is_shown) {
    const auto symbols = exported_symbols(bytes_of("extra_export"), "here");
    ASSERT_TRUE(symbols);
    EXPECT_EQ(symbols->size(), 2U);
}

TEST(Exports, refuses_what_is_no_shared_object) {
    const auto object = [](std::size_t at, char value) {
        std::string bytes = bytes_of("healthy");
        bytes[at] = value;
        return bytes;
    };
    const struct {
        std::string bytes;
        std::string why;
    } cases[] = {{"", "it is not an ELF file"},
                 {"#!/bin/sh\n", "it is not an ELF file"},
                 {object(4, 1), "it is not a 64-bit little-endian object"},
                 {object(18, 0x7F), "it was built for another kind of processor"},
                 {object(16, 1), "it is not a shared object"},
                 {object(58, 0), "its section table is missing or damaged"},
                 {object(60, 0), "it has no dynamic symbol table"}};
    for (const auto& one : cases) {
        const auto result = exported_symbols(one.bytes, "here");
        ASSERT_FALSE(result) << one.why;
        expect_message(result.error(), "PLUGIN_FORMAT_WRONG", one.why);
    }
}

TEST(Exports, survives_every_cut_and_many_changed_bytes) {
    const std::string whole = bytes_of("healthy");
    for (std::size_t size = 0; size < whole.size(); size += 7) (void)exported_symbols(whole.substr(0, size), "here");
    std::mt19937 random(1);
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes = whole;
        for (int j = 0; j < 4; ++j) bytes[random() % (j < 2 ? 64 : bytes.size())] = static_cast<char>(random());
        (void)check_exports(bytes, "x", "here");
    }
}

}  // namespace
}  // namespace stemma
