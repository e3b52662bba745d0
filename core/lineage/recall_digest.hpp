// The digest of a recall, made while its items go by. recall.hpp states the form that is hashed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/lineage/recall.hpp"

namespace stemma::lineage {

/// begin() once, then add() and add_unbalanced() for each item in the order of the ids' bytes, then finish() once.
class RecallDigest {
public:
    explicit RecallDigest(const View& view) : view_{view} {}
    void begin(const Trace& trace, bool inferred, bool timed);
    void add(std::string_view id, const AffectedItem& item);
    void add_unbalanced(std::string_view id);
    [[nodiscard]] Digest finish(const RecallReport& report);

private:
    void add_stock(const UnitStock& stock);
    /// The lines so far, in the order of their bytes, go into the digest.
    void write_sorted(std::vector<std::string>& lines);

    const View& view_;
    Sha256 sha_;
    std::vector<std::string> stock_lines_;
    std::vector<std::string> unbalanced_;
};

}  // namespace stemma::lineage
