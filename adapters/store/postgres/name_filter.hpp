// Which names are surely in no table yet, so that a batch of new ones asks the database nothing. A split block Bloom filter (Apache
// Parquet, BloomFilter.md) of 16 bits a name in layers that double: about one name in a thousand is taken for known, and is looked up. One
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stemma::store::postgres {

class NameFilter {
public:
    /// Names are given by a hash of 64 bits.
    void add(std::uint64_t hash);
    [[nodiscard]] bool may_have(std::uint64_t hash) const;
    void clear() { layers_.clear(); }

private:
    using Block = std::array<std::uint32_t, 8>;
    struct Layer {
        std::vector<Block> blocks;
        std::size_t room;  ///< names that it still takes
    };
    std::vector<Layer> layers_;
};

}  // namespace stemma::store::postgres
