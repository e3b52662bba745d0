// What people call the things that the ledger knows by their ids.
#pragma once

#include <map>
#include <string>

#include "core/engine/query.hpp"

namespace stemma::http {

/// Display names. A party's is the one known now, whatever position an answer is for: it is not in the ledger and can be redacted. A
/// place's and an item's are those of `as_of`. Each is looked up once per answer. Where nothing better is known, or the store fails, the id
/// must do. One thread.
class DisplayNames {
public:
    /// Items' names take views of the index: not to be asked by who holds one.
    DisplayNames(ReadSnapshot& snapshot, const lineage::Index& index, const engine::Limits& limits, Sequence as_of = lineage::kLatest)
        : snapshot_{snapshot}, queries_{snapshot, index, limits}, as_of_{as_of} {}

    [[nodiscard]] const std::string& party(const std::string& id);    ///< from the redactable table, else its code
    [[nodiscard]] const std::string& contact(const std::string& id);  ///< of a party, from the same table; "" where none is kept
    [[nodiscard]] const std::string& place(const std::string& id);    ///< its name, else its code
    [[nodiscard]] const std::string& item(const std::string& id);     ///< the label of its page

private:
    ReadSnapshot& snapshot_;
    engine::Queries queries_;
    Sequence as_of_;
    std::map<std::string, std::string> parties_;
    std::map<std::string, std::string> contacts_;
    std::map<std::string, std::string> places_;
    std::map<std::string, std::string> items_;
};

/// The label of an item's page, which is that of its node in a trace: its first identifier; for stock without lots the product's SKU or
/// name; else the id.
[[nodiscard]] const std::string& label_of(const engine::ItemHit& hit);

}  // namespace stemma::http
