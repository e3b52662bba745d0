#include "core/plugin_host/exports.hpp"

#include <elf.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "core/base/text.hpp"
#include "core/plugin_host/messages.hpp"

namespace stemma {
namespace {

namespace msg = plugin_msg;

constexpr std::string_view kEntry = "stm_plugin_entry_v1";
constexpr std::size_t kNamesShown = 5;  // names in a message

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr std::uint16_t kMachine = EM_RISCV;
#else
#error "name this machine's ELF number here"
#endif

template <class T>
std::optional<T> read_at(std::string_view bytes, std::uint64_t offset) {
    if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return value;
}

std::optional<std::string_view> part(std::string_view bytes, std::uint64_t offset, std::uint64_t size) {
    if (offset > bytes.size() || bytes.size() - offset < size) return std::nullopt;
    return bytes.substr(offset, size);
}

/// Why the header is not that of a shared object for this machine; "" when it is.
std::string_view wrong_header(const std::optional<Elf64_Ehdr>& header) {
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return "it is not an ELF file";
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
        return "it is not a 64-bit little-endian object";
    if (header->e_machine != kMachine) return "it was built for another kind of processor";
    if (header->e_type != ET_DYN) return "it is not a shared object";
    if (header->e_shentsize != sizeof(Elf64_Shdr)) return "its section table is missing or damaged";
    return {};
}

bool is_export(const Elf64_Sym& symbol) {
    const unsigned char bind = ELF64_ST_BIND(symbol.st_info);
    const unsigned char seen = ELF64_ST_VISIBILITY(symbol.st_other);
    return symbol.st_shndx != SHN_UNDEF && bind != STB_LOCAL && (seen == STV_DEFAULT || seen == STV_PROTECTED);
}

}  // namespace

Result<std::vector<std::string>> exported_symbols(std::string_view file_bytes, const std::string& place) {
    const auto wrong = [&](std::string_view why) {
        return msg::refuse(msg::format_wrong, place, fmt::format("the file is not a plugin for this machine: {}", why));
    };
    const auto header = read_at<Elf64_Ehdr>(file_bytes, 0);
    if (const auto why = wrong_header(header); !why.empty()) return wrong(why);
    const auto section = [&](std::uint64_t index) {
        return index < header->e_shnum ? read_at<Elf64_Shdr>(file_bytes, header->e_shoff + index * sizeof(Elf64_Shdr)) : std::nullopt;
    };
    for (std::uint64_t i = 0; i < header->e_shnum; ++i) {
        const auto symbols = section(i);
        if (!symbols) return wrong("its section table is cut off");
        if (symbols->sh_type != SHT_DYNSYM) continue;
        const auto strings = section(symbols->sh_link);
        const auto table = part(file_bytes, symbols->sh_offset, symbols->sh_size);
        const auto names = strings ? part(file_bytes, strings->sh_offset, strings->sh_size) : std::nullopt;
        if (!table || !names || names->empty() || names->back() != '\0') return wrong("its dynamic symbol table is cut off");
        std::vector<std::string> exported;
        for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= table->size(); at += sizeof(Elf64_Sym)) {
            const auto symbol = *read_at<Elf64_Sym>(*table, at);
            if (!is_export(symbol)) continue;
            if (symbol.st_name >= names->size()) return wrong("a symbol's name lies outside the file");
            exported.emplace_back(names->data() + symbol.st_name);
        }
        return exported;
    }
    return wrong("it has no dynamic symbol table");
}

Result<void> check_exports(std::string_view file_bytes, const std::string& name, const std::string& place) {
    auto symbols = exported_symbols(file_bytes, place);
    if (!symbols) return fail(std::move(symbols));
    const auto extra = std::ranges::remove(*symbols, kEntry).begin();
    if (extra == symbols->end())
        return msg::refuse(msg::entry_missing, place,
                           fmt::format("'{}' has no {}: it is not a Stemma plugin, or was built for another ABI major", name, kEntry));
    symbols->erase(extra, symbols->end());
    if (symbols->empty()) return {};
    for (std::string& symbol : *symbols) symbol = clip(symbol, 120);
    const std::size_t shown = std::min(symbols->size(), kNamesShown);
    return msg::refuse(msg::export_extra, place,
                       fmt::format("'{}' exports {} more than its entry: {}{}", name,
                                   symbols->size() == 1 ? "one symbol" : fmt::format("{} symbols", symbols->size()),
                                   fmt::join(std::span(*symbols).first(shown), ", "), shown < symbols->size() ? " ..." : ""),
                       "link it with -Wl,--version-script=exports.map, as the SDK does");
}

}  // namespace stemma
