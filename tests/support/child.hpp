// Programs that a test starts for itself: as an unprivileged user where the test runs as root, ended when the test dies.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <vector>

#include "core/base/error.hpp"

namespace stemma::test::child {

struct Start {
    std::string output;                  ///< file that standard output and error are added to
    std::string input{};                 ///< file for standard input; "" = nothing to read
    std::span<const char* const> users;  ///< the first that exists is who it runs as when the test runs as root
    int at_our_death;                    ///< the signal it gets when the test dies
};

[[nodiscard]] pid_t spawn(const std::vector<std::string>& words, const Start& start);
int wait_for(pid_t child);  ///< its exit code; 128 where a signal ended it
/// Makes the folder that user's, where the test runs as root.
[[nodiscard]] Result<void> give_away(const std::string& folder, std::span<const char* const> users);
[[nodiscard]] int free_port();  ///< a loopback port that was free a moment ago
[[nodiscard]] std::string content(const std::string& path);

}  // namespace stemma::test::child
