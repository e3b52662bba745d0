#include "core/lineage/memory.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <memory>
#include <new>

namespace stemma::lineage {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20U;
constexpr std::size_t kMapFrom = std::size_t{256} << 10U;  // smaller blocks come from the heap: a map is a call to the system

}  // namespace

Pages::Pages(std::size_t bytes, bool huge) : bytes_{bytes} {
    if (bytes == 0) return;
    if (bytes < kMapFrom) {
        data_ = std::calloc(1, bytes);
        if (data_ == nullptr) throw std::bad_alloc{};
        return;
    }
    const bool align = huge && bytes >= kHugePage;
    map_bytes_ = bytes + (align ? kHugePage : 0);
    map_ = ::mmap(nullptr, map_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map_ == MAP_FAILED) throw std::bad_alloc{};
    data_ = map_;
    if (!align) return;
    std::size_t room = map_bytes_;
    (void)std::align(kHugePage, bytes, data_, room);  // there is a huge page more than needed: always found
    (void)::madvise(data_, bytes, MADV_HUGEPAGE);     // a wish: small pages work as well
}

Pages& Pages::operator=(Pages&& other) noexcept {
    if (this == &other) return *this;
    release();
    data_ = std::exchange(other.data_, nullptr);
    bytes_ = std::exchange(other.bytes_, 0);
    map_ = std::exchange(other.map_, nullptr);
    map_bytes_ = other.map_bytes_;
    return *this;
}

void Pages::release() noexcept {
    if (map_ != nullptr)
        ::munmap(map_, map_bytes_);
    else
        std::free(data_);
    data_ = nullptr;
    map_ = nullptr;
}

}  // namespace stemma::lineage
