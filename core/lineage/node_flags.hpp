// What is known of a node at a glance: one byte. The check flags are only ever set; they say that of the node's edges one way some are
// not as plain as the rows show them (declared wrong, joined more than once, next to untracked stock), so each is held to the view.
#pragma once

#include <cstdint>

namespace stemma::lineage {

struct NodeFlags {
    static constexpr std::uint8_t kTransformation = 1;
    static constexpr std::uint8_t kNamedAsProduct = 2;  ///< a product has the same id: untracked stock, unless master data says otherwise
    static constexpr std::uint8_t kCheckForward = 4;
    static constexpr std::uint8_t kCheckBack = 8;
    static constexpr std::uint8_t kChild = 16;   ///< an event packed or installed it in something, or took it out
    static constexpr std::uint8_t kParent = 32;  ///< an event packed or installed something in it, or took it out
    static constexpr std::uint8_t kOwnWay = 64;  ///< one thing that may have left a unit by more than a DELETE: its bonds are all checked
};

}  // namespace stemma::lineage
