// Numbers in less room than four bytes each. Packed: as few whole bytes as the largest needs, for arrays that are filled once. Ascending:
// little more than a byte each for numbers that never fall and mostly lie close together, such as the entry that each node was born by.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "core/lineage/column.hpp"
#include "core/lineage/memory.hpp"
#include "core/lineage/snapshot_io.hpp"

namespace stemma::lineage {

static_assert(std::endian::native == std::endian::little, "Packed cuts a number's high bytes off at its end");

/// Sized once, filled by one thread, then read by any.
class Packed {
public:
    Packed() noexcept = default;
    /// All zero. Throws std::bad_alloc.
    Packed(std::size_t size, std::uint32_t largest) : width_{width_of(largest)}, bytes_{size * width_ + kRead}, size_{size} {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::uint32_t operator[](std::size_t i) const noexcept {
        std::uint32_t value = 0;
        std::memcpy(&value, bytes_.data() + i * width_, kRead);
        return value & (~std::uint32_t{0} >> (32U - 8U * width_));
    }
    /// Not above the largest.
    void set(std::size_t i, std::uint32_t value) const noexcept { std::memcpy(bytes_.data() + i * width_, &value, width_); }

    [[nodiscard]] std::size_t memory_bytes() const noexcept { return bytes_.memory_bytes(); }
    void save(SnapshotWriter& out) const {
        out.value(width_);
        out.array(bytes_);
    }
    void load(SnapshotReader& in) {
        in.value(width_);
        in.array(bytes_);
        width_ = std::clamp(width_, 1U, 4U);  // it may be damaged, which is told at the end
        size_ = bytes_.size() < kRead ? 0 : (bytes_.size() - kRead) / width_;
    }

private:
    static constexpr std::size_t kRead = sizeof(std::uint32_t);  // as many are read at once, behind the last number as well
    [[nodiscard]] static std::uint32_t width_of(std::uint32_t largest) noexcept {
        return std::max(1U, (static_cast<std::uint32_t>(std::bit_width(largest)) + 7U) / 8U);
    }

    std::uint32_t width_{1};  // bytes of a number
    Array<unsigned char> bytes_;
    std::size_t size_{0};
};

/// One writer; any number of readers without a lock, as with a Column. A number is found by adding up those before it in its block, so
/// small blocks suit what is asked for one by one. A power of two, at most 512, for a column's chunks are of whole blocks.
template <std::size_t kBlock>
class Ascending {
    static_assert(std::has_single_bit(kBlock) && kBlock <= 512);

public:
    /// Writer only; not below the last.
    void push_back(std::uint32_t value) {
        const std::size_t number = size();
        const std::uint32_t step = value - last_;
        last_ = value;
        if (number % kBlock == 0) {
            firsts_.push_back(value);
            steps_.push_back(0);
        } else if (step < kFar) {
            steps_.push_back(static_cast<std::uint8_t>(step));
        } else {
            far_.push_back({static_cast<std::uint32_t>(number), value});
            steps_.push_back(kFar);
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return steps_.size(); }
    [[nodiscard]] std::uint32_t operator[](std::size_t number) const noexcept {
        std::uint32_t found = 0;
        walk_block(number / kBlock, number % kBlock + 1, [&](std::size_t, std::uint32_t value) {
            found = value;
            return true;
        });
        return found;
    }
    /// The first of [0, size) that is not less than `value`, or `size`.
    [[nodiscard]] std::size_t lower_bound(std::uint32_t value, std::size_t size) const noexcept {
        const std::size_t block = firsts_.lower_bound(value, (size + kBlock - 1) / kBlock);
        if (block == 0) return 0;
        std::size_t found = (block - 1) * kBlock;  // below `value`
        walk_block(block - 1, std::min(kBlock, size - found), [&](std::size_t number, std::uint32_t here) {
            found = number;
            if (here < value) ++found;
            return here < value;
        });
        return found;
    }

    [[nodiscard]] std::size_t memory_bytes() const noexcept { return firsts_.memory_bytes() + steps_.memory_bytes() + far_.memory_bytes(); }
    void save(SnapshotWriter& out) const {
        out.value(last_);
        out.column(firsts_);
        out.column(steps_);
        out.column(far_);
    }
    void load(SnapshotReader& in) {
        in.value(last_);
        in.column(firsts_);
        in.column(steps_);
        in.column(far_);
    }

private:
    static constexpr std::uint8_t kFar = 255;
    struct Far {
        std::uint32_t number;
        std::uint32_t value;
        friend bool operator<(const Far& a, const Far& b) noexcept { return a.number < b.number; }
    };

    /// Calls go_on(number, value) for the first `count` of a block, until it says no.
    template <class GoOn>
    void walk_block(std::size_t block, std::size_t count, const GoOn& go_on) const noexcept {
        std::uint32_t value = firsts_[block];
        const std::uint8_t* const steps = &steps_[block * kBlock];
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t number = block * kBlock + i;
            value = steps[i] == kFar ? far(number) : value + steps[i];
            if (!go_on(number, value)) return;
        }
    }
    [[nodiscard]] std::uint32_t far(std::size_t number) const noexcept {
        return far_[far_.lower_bound({static_cast<std::uint32_t>(number), 0}, far_.size())].value;
    }

    Column<std::uint32_t> firsts_;  // of each block
    Column<std::uint8_t> steps_;    // from the one before; kFar: it stands in far_
    Column<Far> far_;
    std::uint32_t last_{0};
};

}  // namespace stemma::lineage
