#include "core/cli/exit_code.hpp"

#include <array>
#include <utility>

namespace stemma::cli {
namespace {

constexpr std::string_view kTypePrefix = "/problems/";
constexpr int kRefused = 422;

constexpr std::array kByType{
    std::pair{std::string_view{"invalid_input"}, ExitCode::usage},     std::pair{std::string_view{"not_found"}, ExitCode::usage},
    std::pair{std::string_view{"conflict"}, ExitCode::usage},          std::pair{std::string_view{"config"}, ExitCode::usage},
    std::pair{std::string_view{"too_large"}, ExitCode::usage},         std::pair{std::string_view{"method_not_allowed"}, ExitCode::usage},
    std::pair{std::string_view{"unavailable"}, ExitCode::unreachable}, std::pair{std::string_view{"plugin"}, ExitCode::broken},
    std::pair{std::string_view{"busy"}, ExitCode::unreachable},        std::pair{std::string_view{"storage"}, ExitCode::broken},
    std::pair{std::string_view{"internal"}, ExitCode::broken},         std::pair{std::string_view{"forbidden"}, ExitCode::no},
    std::pair{std::string_view{"unauthenticated"}, ExitCode::usage},
};

ExitCode by_status(int status) noexcept {
    if (status < 400) return ExitCode::done;
    if (status == 408 || status == 429 || (status >= 502 && status <= 504)) return ExitCode::unreachable;
    return status < 500 ? ExitCode::usage : ExitCode::broken;
}

}  // namespace

ExitCode exit_code_of(std::string_view problem_type, int status) noexcept {
    if (status == kRefused) return ExitCode::no;  // whatever refused it: a rule, a workflow, a plugin set that cannot be loaded
    if (problem_type.starts_with(kTypePrefix)) problem_type.remove_prefix(kTypePrefix.size());
    for (const auto& [type, code] : kByType)
        if (type == problem_type) return code;
    return by_status(status);
}

ExitCode exit_code_of(Errc code) noexcept { return code == Errc::plugin ? ExitCode::no : exit_code_of(to_string(code), 500); }

}  // namespace stemma::cli
