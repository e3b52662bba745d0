// What one run of a sync keeps in mind: counts, and which keys of the query in hand were met. Keys are kept as marks of 16 bytes, so that a
// table of millions of rows fits. Internal to sync.
#pragma once

#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/base/digest.hpp"
#include "core/engine/sync.hpp"

namespace stemma::engine {

/// A set of texts by the first 128 bits of their SHA-256: no two of any real number of keys have the same.
class KeySet {
public:
    /// False where it was in it.
    bool insert(std::string_view key) { return marks_.insert(mark_of(key)).second; }
    [[nodiscard]] bool contains(std::string_view key) const { return marks_.contains(mark_of(key)); }
    [[nodiscard]] std::size_t size() const noexcept { return marks_.size(); }
    void clear() { marks_.clear(); }

private:
    using Mark = std::array<std::size_t, 2>;
    struct First {
        std::size_t operator()(const Mark& mark) const noexcept { return mark[0]; }
    };
    static Mark mark_of(std::string_view key) {
        const Digest digest = sha256(key);
        Mark mark;
        std::memcpy(mark.data(), digest.data(), sizeof mark);
        return mark;
    }
    std::unordered_set<Mark, First> marks_;
};

/// State of one run over a source.
struct Syncing::Pass {
    std::string source;
    std::string actor;
    std::shared_ptr<const PluginSet> plugins;
    bool accept_vanished{false};
    std::function<bool()> stop;
    std::map<std::string, std::vector<std::string>> unmet;  ///< query -> keys that are there and were never read
    SyncReport report;

    // Of the query that is being read.
    std::string query;
    SyncCounts counts;
    std::set<std::string> rejected;  ///< keys that were rejected before
    KeySet met;                      ///< of the rows that were read; in a sweep, of those that are there
    bool sweeping{false};            ///< its keys are being read
    KeySet known;                    ///< in a sweep: keys that are recorded
};

}  // namespace stemma::engine
