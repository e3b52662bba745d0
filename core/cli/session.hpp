// One run of a verb: asks the API or the files, prints the answer, turns every failure into a message and an exit code.
#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/app/backup.hpp"
#include "core/app/erp_tools.hpp"
#include "core/app/offline.hpp"
#include "core/app/store_copy.hpp"
#include "core/cli/exit_code.hpp"
#include "core/cli/invocation.hpp"
#include "core/cli/screen.hpp"
#include "core/cli/transport.hpp"
#include "core/cli/view.hpp"

namespace stemma::cli {

/// What works without a daemon; main.cpp fills it from core/app.
struct Offline {
    OpenLocal open;
    std::function<Result<app::InitReport>(const std::filesystem::path& file)> init;
    std::function<std::vector<app::DoctorLine>(const std::filesystem::path& file)> doctor;
    std::function<Result<VerifyReport>(const config::Settings&, const std::optional<std::filesystem::path>& database,
                                       const std::optional<std::string>& key, const VerifyProgress&)>
        verify;
    std::function<Result<engine::RebuildReport>(const config::Settings&, const std::function<void(std::uint64_t)>&)> rebuild;
    std::function<Result<app::PluginCheck>(const config::Settings&, const std::filesystem::path& file, const std::string& options)>
        check_plugin;
    std::function<Error(const std::vector<std::string>& arguments)> serve;  ///< becomes the daemon; comes back only when that fails
    std::function<app::PartsCheck(const config::Settings&)> check_parts;
    std::function<Result<app::BackupReport>(const config::Settings&, const app::BackupOptions&, const app::BackupProgress&)> backup;
    std::function<Result<app::BackupVerdict>(const app::BackupCheck&, const app::BackupProgress&)> verify_backup;
    std::function<Result<app::RestoreReport>(const app::RestoreOptions&, const app::BackupProgress&)> restore;
    UseOf use_of{};
    std::function<Result<std::string>(const config::Settings&, const app::GrantsRequest&)> grants{};
    std::function<Result<app::SuggestAnswer>(const config::Settings&, const app::SuggestRequest&)> suggest{};
    std::function<Result<engine::StoreCopyReport>(const app::StoreCopyOptions&, const engine::StoreCopyHooks&)> copy_store{};
};

using Errors = std::vector<Error>;

struct Answer {
    int status{200};
    std::string body;
    Json json;
    [[nodiscard]] bool ok() const noexcept { return status < 400; }
};

class Session {
public:
    Session(const Invocation& call, Screen& screen, const Offline& offline) : call_{call}, screen_{screen}, offline_{offline} {}

    [[nodiscard]] const Invocation& call() const noexcept { return call_; }
    [[nodiscard]] Screen& screen() noexcept { return screen_; }
    [[nodiscard]] const Look& look() const noexcept { return screen_.look; }
    [[nodiscard]] const Offline& offline() const noexcept { return offline_; }

    /// Read once. What only the daemon opens (an ERP's password) may be left unresolved: Settings::unresolved says so.
    /// Errors: every mistake in the file, or Errc::not_found when there is none.
    [[nodiscard]] std::expected<const config::Settings*, Errors> settings();
    /// As settings(), but defaults where no file was named and none was found.
    [[nodiscard]] std::expected<const config::Settings*, Errors> settings_or_defaults();

    /// An answer may be a problem document: ask ok().
    [[nodiscard]] std::expected<Answer, Errors> ask(http::Request request);

    using Render = std::function<std::string(const Json&)>;
    using Judge = std::function<ExitCode(const Json&)>;
    /// Asks and prints: the JSON as it came with --json, else what `render` makes of it. `judge` finds an answer that means "no".
    ExitCode show(http::Request request, const Render& render, const Judge& judge = {});

    /// Asks for rows and prints them as they come. `end` is how the last line begins or ends when the answer is whole; without one it was
    /// cut, which is said and ends with ExitCode::unreachable.
    struct LastLine {
        std::string_view begins;
        std::string_view ends;
    };
    ExitCode pass_on(http::Request request, const LastLine& end);

    /// Asks for a file and gives its bytes. What went wrong is said; then the code to end with.
    ExitCode fetch(http::Request request, std::string& body);

    /// Text for people, or its JSON with --json; both end their lines.
    void print(std::string_view text);
    void print_json(const Json& value);

    /// Says what went wrong on the error stream, and with --json as a problem document on the answer's; the code to end with.
    ExitCode fail(const Error& error);
    ExitCode fail(const Errors& errors);
    ExitCode fail(const Answer& problem);

    /// A file's content, or standard input for "-". Errors: Errc::invalid_input, Errc::too_large.
    [[nodiscard]] Result<std::string> read_input(const std::filesystem::path& file);

private:
    [[nodiscard]] std::expected<Transport*, Errors> transport();
    [[nodiscard]] Result<void> say_who(http::Request& request) const;
    [[nodiscard]] std::expected<Answer, Errors> ask_once(http::Request request);
    [[nodiscard]] Result<void> sign(http::Request& request, const Json& sign);
    ExitCode show_proposed(const Answer& answer);
    void complain(const Error& error);

    const Invocation& call_;
    Screen& screen_;
    const Offline& offline_;
    std::optional<config::Settings> settings_;
    std::unique_ptr<Transport> transport_;
};

inline constexpr std::size_t kInputBytesMax = 64UL * 1024 * 1024;  ///< bytes of a file that is sent

using Query = std::map<std::string, std::string>;
[[nodiscard]] http::Request get(std::string path, Query query = {});
[[nodiscard]] http::Request post(std::string path, std::string body = {}, Query query = {});
/// "/api/v1/items/" and an argument that may hold anything.
[[nodiscard]] std::string api_path(std::string_view before, std::string_view argument, std::string_view after = {});
/// Adds "name=value" where there is a value.
void add(Query& query, const char* name, const std::optional<std::uint64_t>& value);
void add(Query& query, const char* name, const std::string& value);

}  // namespace stemma::cli
