// The bytes of a snapshot file: the index's arrays as they lie in memory, one after the other, and at the end a code over all of it
// that only who holds the key can make (GMAC): what is damaged is told, and so is what another hand has written. For the machine that wrote
// it: another byte order or layout is told by the header and not read. Both sides keep going after a failure and do nothing more; good() at
// the end says whether all of it went well.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/mac.hpp"
#include "core/lineage/column.hpp"
#include "core/lineage/memory.hpp"

namespace stemma::lineage {

/// Writes to a new file beside `path` and gives it that name when all is down and durable; else the old file stays as it was.
class SnapshotWriter {
public:
    SnapshotWriter(std::filesystem::path path, const MacKey& key);
    SnapshotWriter(const SnapshotWriter&) = delete;
    SnapshotWriter& operator=(const SnapshotWriter&) = delete;
    ~SnapshotWriter();

    void bytes(const void* data, std::size_t size);
    template <class T>
    void value(const T& value) {
        static_assert(std::is_trivially_copyable_v<T>);
        bytes(&value, sizeof(T));
    }
    void text(const std::string& text);
    template <class T>
    void array(const Array<T>& array) {
        value(std::uint64_t{array.size()});
        bytes(array.data(), array.size() * sizeof(T));
    }
    template <class T>
    void column(const Column<T>& column) {
        value(std::uint64_t{column.size()});
        column.for_each_chunk([&](const T* first, std::size_t count) { bytes(first, count * sizeof(T)); });
    }
    template <class T>
    void vector(const std::vector<T>& vector) {
        static_assert(std::is_trivially_copyable_v<T>);
        value(std::uint64_t{vector.size()});
        bytes(vector.data(), vector.size() * sizeof(T));
    }
    template <class Map>
    void map(const Map& map) {
        value(std::uint64_t{map.size()});
        for (const auto& [key, mapped] : map) {
            value(key);
            value(mapped);
        }
    }

    /// Adds the code, makes the file durable and gives it its name. Errors: Errc::storage. The end of this writer.
    [[nodiscard]] Result<void> finish();

private:
    void flush();
    void put(const void* data, std::size_t size);

    std::filesystem::path path_;
    std::filesystem::path beside_;
    Descriptor file_;
    MacNonce nonce_{random_nonce()};
    Mac mac_;
    std::vector<char> buffer_;
    bool good_{true};
    int error_{0};  // errno of the first failure
};

/// Reads what SnapshotWriter wrote. Nothing that it gave may be used before finish() has said that the code is right; until then
/// all sizes are held to what the file can still hold.
class SnapshotReader {
public:
    SnapshotReader(const std::filesystem::path& path, const MacKey& key);
    SnapshotReader(const SnapshotReader&) = delete;
    SnapshotReader& operator=(const SnapshotReader&) = delete;
    ~SnapshotReader();

    void bytes(void* data, std::size_t size);
    template <class T>
    void value(T& value) {
        static_assert(std::is_trivially_copyable_v<T>);
        bytes(&value, sizeof(T));
    }
    void text(std::string& text);
    template <class T>
    void array(Array<T>& array) {
        array = Array<T>{count(sizeof(T))};
        bytes(array.data(), array.size() * sizeof(T));
    }
    /// Into an empty column.
    template <class T>
    void column(Column<T>& column) {
        const std::size_t size = count(sizeof(T));
        if (size == 0) return;
        column.reach(size - 1);
        column.for_each_chunk([&](T* first, std::size_t count) { bytes(first, count * sizeof(T)); });
    }
    template <class T>
    void vector(std::vector<T>& vector) {
        vector.resize(count(sizeof(T)));
        bytes(vector.data(), vector.size() * sizeof(T));
    }
    template <class Map>
    void map(Map& map) {
        const std::size_t size = count(sizeof(typename Map::key_type) + sizeof(typename Map::mapped_type));
        for (std::size_t i = 0; i < size; ++i) {
            typename Map::key_type key{};
            typename Map::mapped_type mapped{};
            value(key);
            value(mapped);
            map.emplace(key, mapped);
        }
    }
    /// A number of elements of this size, held to what is left of the file.
    [[nodiscard]] std::size_t count(std::size_t element_bytes);

    [[nodiscard]] bool exists() const noexcept { return file_.get() >= 0; }
    [[nodiscard]] bool good() const noexcept { return good_; }
    /// Whether everything was read and the code is the one of the key over it.
    [[nodiscard]] bool finish();

private:
    /// What stands behind the bytes.
    struct Trailer {
        MacNonce nonce{};
        MacTag tag{};
    };
    friend class SnapshotWriter;

    Descriptor file_;
    Trailer trailer_;
    std::optional<Mac> mac_;
    std::uint64_t left_{0};  // bytes before the code
    bool good_{false};
};

}  // namespace stemma::lineage
