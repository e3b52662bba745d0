// The note that an accepted loss leaves in the state folder until the ledger's next entry says it for good.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace stemma::app {

inline constexpr const char* kAcceptedLossFile = "accepted-loss.json";  ///< in the state folder

struct AcceptedLoss {
    std::uint64_t size{0};        ///< entries of the restored backup
    std::uint64_t lost_size{0};   ///< entries that the lost history had, by its newest known checkpoint
    std::string lost_root;        ///< hex
    std::string lost_checkpoint;  ///< the signed note
    Instant backup_made_at;
    std::string actor;   ///< as given; "" = nobody named
    std::string reason;  ///< as given; may be empty
};

[[nodiscard]] std::string loss_text(const AcceptedLoss& loss);
/// Errors: Errc::invalid_input.
[[nodiscard]] Result<AcceptedLoss> read_loss(std::string_view text);

}  // namespace stemma::app
