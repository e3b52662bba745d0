// A column: plain elements that are only ever added, at addresses that never change, in chunks that double. One writer; any number of
// readers without a lock. A reader asks only for elements it was told of: their number came to it by an acquire of what the writer
// released after writing them (a view's cut, a list link). What is changed in place is read and written by load() and store().
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/lineage/memory.hpp"

namespace stemma::lineage {

/// An element that both sides touch while it changes. The reference must outlive the call alone.
template <class T>
[[nodiscard]] T load_from(const T& element, std::memory_order order = std::memory_order_acquire) noexcept {
    return std::atomic_ref<T>{const_cast<T&>(element)}.load(
        order);  // NOLINT(cppcoreguidelines-pro-type-const-cast): C++20 has no const one
}

template <class T>
class Column {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    Column() = default;
    Column(const Column&) = delete;
    Column& operator=(const Column&) = delete;

    // Of the writer.
    void push_back(const T& value) {
        const std::size_t number = size_.load(std::memory_order_relaxed);
        slot(number, true) = value;
        size_.store(number + 1, std::memory_order_release);
    }
    /// Room up to and with this element; new ones are zero.
    void reach(std::size_t number) {
        if (number < size()) return;
        for (std::size_t chunk = 0; chunk <= place(number).chunk; ++chunk) grow(chunk);
        size_.store(number + 1, std::memory_order_release);
    }
    [[nodiscard]] T& edit(std::size_t number) noexcept { return slot(number, false); }
    void store(std::size_t number, T value) noexcept { std::atomic_ref<T>{edit(number)}.store(value, std::memory_order_release); }
    /// Sets bits of a flag element.
    void set_bits(std::size_t number, T bits) noexcept { std::atomic_ref<T>{edit(number)}.fetch_or(bits, std::memory_order_acq_rel); }

    // Of anyone.
    [[nodiscard]] const T& operator[](std::size_t number) const noexcept {
        const Place at = place(number);
        return base(at.chunk)[at.offset];
    }
    [[nodiscard]] T load(std::size_t number) const noexcept { return load_from((*this)[number]); }
    [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_acquire); }
    [[nodiscard]] std::size_t memory_bytes() const noexcept { return size() * sizeof(T); }

    /// The elements [0, size()) chunk by chunk: visit(T* first, std::size_t count).
    template <class Visit>
    void for_each_chunk(Visit&& visit) const {
        std::size_t left = size();
        for (std::size_t chunk = 0; left > 0; ++chunk) {
            const std::size_t count = std::min(left, chunk_size(chunk));
            visit(base(chunk), count);
            left -= count;
        }
    }

    /// The first number in [0, size) whose element is not less than `value`; the elements ascend.
    [[nodiscard]] std::size_t lower_bound(const T& value, std::size_t size) const noexcept {
        std::size_t first = 0;
        for (std::size_t count = size; count > 0;) {
            const std::size_t half = count / 2;
            if ((*this)[first + half] < value) {
                first += half + 1;
                count -= half + 1;
            } else {
                count = half;
            }
        }
        return first;
    }

private:
    static constexpr unsigned kFirstBits = 9;
    static constexpr std::size_t kChunks = 33 - kFirstBits;
    struct Place {
        std::size_t chunk;
        std::size_t offset;
    };
    [[nodiscard]] static constexpr std::size_t chunk_size(std::size_t chunk) noexcept { return std::size_t{1} << (kFirstBits + chunk); }
    [[nodiscard]] static Place place(std::size_t number) noexcept {
        const std::size_t shifted = number + chunk_size(0);
        const auto chunk = static_cast<std::size_t>(std::bit_width(shifted)) - 1 - kFirstBits;
        return {chunk, shifted - chunk_size(chunk)};
    }
    [[nodiscard]] T* base(std::size_t chunk) const noexcept { return bases_[chunk].load(std::memory_order_acquire); }
    [[nodiscard]] T& slot(std::size_t number, bool may_grow) {
        const Place at = place(number);
        if (may_grow) grow(at.chunk);
        return base(at.chunk)[at.offset];
    }
    void grow(std::size_t chunk) {
        if (base(chunk) != nullptr) return;
        const std::size_t bytes = chunk_size(chunk) * sizeof(T);
        chunks_[chunk] = Pages{bytes, bytes >= kHugeFrom};
        bases_[chunk].store(static_cast<T*>(chunks_[chunk].data()), std::memory_order_release);
    }

    static constexpr std::size_t kHugeFrom = std::size_t{64} << 20U;  // below it a huge page may hold more room than elements
    std::array<Pages, kChunks> chunks_;
    std::array<std::atomic<T*>, kChunks> bases_{};
    std::atomic<std::size_t> size_{0};
};

}  // namespace stemma::lineage
