#include "adapters/store/postgres/name_filter.hpp"

#include <ranges>

namespace stemma::store::postgres {
namespace {

constexpr std::size_t kFirstNames = std::size_t{1} << 16;
constexpr std::size_t kNamesPerBlock = 16;  ///< 256 bits
constexpr std::array<std::uint32_t, 8> kSalts{0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d,
                                              0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31};

std::size_t block_of(std::uint64_t hash, std::size_t blocks) noexcept { return static_cast<std::size_t>((hash >> 32U) * blocks >> 32U); }

std::uint32_t bit_of(std::uint64_t hash, std::size_t word) noexcept {
    return std::uint32_t{1} << (static_cast<std::uint32_t>(hash) * kSalts[word] >> 27U);
}

}  // namespace

void NameFilter::add(std::uint64_t hash) {
    if (layers_.empty() || layers_.back().room == 0) {
        const std::size_t names = kFirstNames << layers_.size();
        layers_.push_back({std::vector<Block>(names / kNamesPerBlock), names});
    }
    Layer& layer = layers_.back();
    --layer.room;
    Block& block = layer.blocks[block_of(hash, layer.blocks.size())];
    for (std::size_t word = 0; word < block.size(); ++word) block[word] |= bit_of(hash, word);
}

bool NameFilter::may_have(std::uint64_t hash) const {
    for (const Layer& layer : layers_ | std::views::reverse) {
        const Block& block = layer.blocks[block_of(hash, layer.blocks.size())];
        std::uint32_t missing = 0;
        for (std::size_t word = 0; word < block.size(); ++word) missing |= ~block[word] & bit_of(hash, word);
        if (missing == 0) return true;
    }
    return false;
}

}  // namespace stemma::store::postgres
