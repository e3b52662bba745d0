// stemma-plugin-check: opens one plugin where a crash harms nobody. Started by the plugin host (child.hpp has the protocol), not by people.
// Usage: stemma-plugin-check preflight|conformance REQUEST-FILE, with a socket as standard input and output.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "core/plugin_host/child.hpp"
#include "core/plugin_host/conformance.hpp"
#include "core/plugin_host/files.hpp"
#include "core/plugin_host/loaded_plugin.hpp"
#include "core/plugin_host/offers.hpp"

namespace {

using namespace stemma;

/// The socket to the host, moved away from standard output so that a plugin that prints does not speak for us.
class Channel {
public:
    Channel() : fd_{::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)} {
        ::dup2(STDERR_FILENO, STDOUT_FILENO);
        const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (nothing >= 0) ::dup2(nothing, STDIN_FILENO);
    }
    void send(char kind, std::string_view payload) const {
        std::string line{kind, ' '};
        line += payload;
        line += '\n';
        std::string_view rest = line;
        while (!rest.empty()) {
            const ssize_t done = ::write(fd_, rest.data(), rest.size());
            if (done <= 0) ::_exit(2);  // the host is gone
            rest.remove_prefix(static_cast<std::size_t>(done));
        }
    }
    /// Waits for "go"; the host kills us instead when the options do not fit.
    void wait_for_go() const {
        char c = 0;
        while (::read(fd_, &c, 1) == 1)
            if (c == '\n') return;
        ::_exit(2);
    }

private:
    int fd_;
};

Result<std::string> run(const Channel& host, bool conformance, const CheckRequest& request) {
    const HostSettings settings;
    const PluginFile file{request.name, request.file, {}, request.sha256_hex};
    host.send('S', "open");
    auto plugin = LoadedPlugin::open(file, request.file, settings, request.place);
    if (!plugin) return fail(std::move(plugin));
    std::string schema = (*plugin)->options_schema();
    for (char& c : schema)
        if (c == '\n' || c == '\r') c = ' ';  // between tokens only: JSON texts hold no raw line ends
    host.send('I', schema);
    host.wait_for_go();
    host.send('S', "create");
    const WantedPlugin wanted{request.name, request.options_json, request.data, {}, request.place, {}};
    if (auto created = (*plugin)->create(wanted); !created) return fail(std::move(created));
    host.send('S', "describe");
    auto offers = describe(**plugin);
    if (!offers) return fail(std::move(offers));
    (*plugin)->info().offers = offers->names();
    host.send('S', "self_check");
    if (auto checked = (*plugin)->self_check(); !checked) return fail(std::move(checked));
    std::string result = "{}";
    if (conformance) result = check_conformance(**plugin, *offers, [&](std::string_view name) { host.send('S', name); }).to_json();
    host.send('S', "destroy");
    plugin->reset();
    return result;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("stemma-plugin-check is started by stemma and stemmad; use 'stemma plugin check FILE'\n", stderr);
        return 2;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    const Channel host;
    auto text = read_whole_file(argv[2]);
    auto request = text ? CheckRequest::from_json(*text) : Result<CheckRequest>(fail(std::move(text)));
    auto result = request ? run(host, std::string_view(argv[1]) == "conformance", *request) : Result<std::string>(fail(std::move(request)));
    if (result) {
        host.send('D', *result);
    } else {
        host.send('E', error_to_json(result.error()));
    }
    return 0;
}
