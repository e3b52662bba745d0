// Memory of the lineage index: zeroed pages from the system, given back as a whole. Big blocks ask for huge pages, which halves the
// time of a walk over millions of nodes (fewer misses in the address cache). Pages that were never touched cost nothing.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

namespace stemma::lineage {

/// One zeroed block. Movable, not copyable. Throws std::bad_alloc.
class Pages {
public:
    Pages() noexcept = default;
    explicit Pages(std::size_t bytes, bool huge = true);
    Pages(Pages&& other) noexcept
        : data_{std::exchange(other.data_, nullptr)},
          bytes_{std::exchange(other.bytes_, 0)},
          map_{std::exchange(other.map_, nullptr)},
          map_bytes_{other.map_bytes_} {}
    Pages& operator=(Pages&& other) noexcept;
    Pages(const Pages&) = delete;
    Pages& operator=(const Pages&) = delete;
    ~Pages() { release(); }

    [[nodiscard]] void* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    void release() noexcept;

    void* data_{nullptr};
    std::size_t bytes_{0};
    void* map_{nullptr};  // what was mapped: begins before data_ where that is aligned to a huge page; null: a small block of the heap
    std::size_t map_bytes_{0};
};

/// A fixed number of plain elements in pages of their own, zero at first.
template <class T>
class Array {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    Array() noexcept = default;
    explicit Array(std::size_t size) : pages_{size * sizeof(T)}, size_{size} {}

    [[nodiscard]] T* data() const noexcept { return static_cast<T*>(pages_.data()); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] T& operator[](std::size_t i) const noexcept { return data()[i]; }
    [[nodiscard]] std::span<T> all() const noexcept { return {data(), size_}; }
    [[nodiscard]] std::size_t memory_bytes() const noexcept { return size_ * sizeof(T); }

private:
    Pages pages_;
    std::size_t size_{0};
};

}  // namespace stemma::lineage
