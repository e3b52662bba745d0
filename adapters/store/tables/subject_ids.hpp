// The numbers of subjects that are in the table for sure, by their URI: a cache of the writer, so that a name met again costs no look-up.
// Kept from one unit of work to the next; what a part of one added is forgotten when the part is taken back, and all of it when a unit is
// rolled back or another connection wrote. One arena of bytes and one table of 8-byte slots: no heap object per name. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stemma::store {

class SubjectIds {
public:
    static constexpr std::size_t kNamesMax = 400'000;                 ///< with short names about 30 MB in all; then it begins anew
    static constexpr std::size_t kBytesMax = std::size_t{32} << 20U;  ///< of the names together

    [[nodiscard]] std::optional<std::int64_t> find(std::string_view uri) const;
    /// `uri` is not in it yet.
    void add(std::string_view uri, std::int64_t id);
    void clear();
    void begin_part() { part_start_ = names_.size(); }
    /// Forgets what was added since begin_part().
    void undo_part();

private:
    struct Name {
        std::int64_t id;
        std::uint32_t begin;  ///< in bytes_
        std::uint32_t length;
        std::uint64_t hash;
    };
    struct Slot {
        std::uint32_t hash{0};    ///< its upper half
        std::uint32_t number{0};  ///< of the name, plus one; 0 is an empty slot
    };
    [[nodiscard]] std::string_view text(const Name& name) const { return std::string_view{bytes_}.substr(name.begin, name.length); }
    [[nodiscard]] std::size_t place_of(std::uint64_t hash) const noexcept { return hash & (slots_.size() - 1); }
    void place(std::uint32_t number) noexcept;
    void grow();

    std::string bytes_;
    std::vector<Name> names_;  ///< in order of adding
    std::vector<Slot> slots_;  ///< a power of two, at most half full; filled in order of adding, so that the newest can be taken out again
    std::size_t part_start_{0};
};

}  // namespace stemma::store
