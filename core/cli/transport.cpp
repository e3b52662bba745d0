#include "core/cli/transport.hpp"

#include <fmt/format.h>

#include <charconv>
#include <ostream>
#include <utility>

#include "core/base/text.hpp"

namespace stemma::cli {
namespace {

constexpr std::uint16_t kPortDefault = 7430;
constexpr std::string_view kForm = "write it as http://127.0.0.1:7430";

Result<std::uint16_t> read_port(std::string_view text, std::string_view url) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0)
        return fail(Errc::invalid_input, fmt::format("'{}' has no port from 1 to 65535", clip(url)), "--server", std::string{kForm});
    return port;
}

}  // namespace

std::string Place::text() const { return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port); }

Result<Place> read_server(std::string_view url) {
    std::string_view rest = url;
    if (rest.starts_with("https:"))
        return fail(Errc::invalid_input, "the command line speaks plain HTTP alone", "--server",
                    "run it on the daemon's machine, or through a tunnel");
    if (rest.starts_with("http://")) rest.remove_prefix(7);
    if (rest.ends_with('/')) rest.remove_suffix(1);
    const bool bracketed = rest.starts_with('[');
    const std::size_t host_end = bracketed ? rest.find(']') : std::min(rest.find(':'), rest.size());
    if (host_end == std::string_view::npos || rest.find_first_of("/?#@ ") != std::string_view::npos)
        return fail(Errc::invalid_input, fmt::format("'{}' is not the address of a server", clip(url)), "--server", std::string{kForm});
    Place place{std::string{rest.substr(bracketed ? 1 : 0, host_end - (bracketed ? 1 : 0))}, kPortDefault};
    rest.remove_prefix(host_end + (bracketed ? 1 : 0));
    if (place.host.empty() || (!rest.empty() && rest.front() != ':'))
        return fail(Errc::invalid_input, fmt::format("'{}' is not the address of a server", clip(url)), "--server", std::string{kForm});
    if (rest.empty()) return place;
    const auto port = read_port(rest.substr(1), url);
    if (!port) return std::unexpected(port.error());
    place.port = *port;
    return place;
}

Place place_of(const config::DaemonSettings& daemon) {
    if (daemon.address == "0.0.0.0") return {"127.0.0.1", daemon.port};
    if (daemon.address == "::") return {"::1", daemon.port};
    return {daemon.address, daemon.port};
}

Result<http::Response> Transport::send_to(http::Request request, const Take& take) {
    auto response = send(std::move(request));
    if (!response) return response;
    return hand_over(*std::move(response), take);
}

Result<http::Response> hand_over(http::Response response, const Take& take) {
    if (!response.source) {
        if (response.status < 400) take(std::exchange(response.body, {}));
        return response;
    }
    const std::unique_ptr<http::BodySource> source = std::move(response.source);
    std::string piece;
    for (bool more = true; more;) {
        piece.clear();
        const auto made = source->next(piece);
        if (!made) return std::unexpected(made.error());
        more = take(piece) && *made;
    }
    return response;
}

namespace {

std::unexpected<Error> fail_of_another(const Place& place, const std::filesystem::path& folder) {
    return fail(
        Errc::conflict,
        fmt::format("the stemmad that answers at {} is not the one of {}: no process uses that folder", place.text(), folder.string()),
        "daemon.port",
        fmt::format("set another daemon.port beside these settings (0: any free one), or name that daemon: --server http://{}",
                    place.text()));
}

}  // namespace

Result<std::unique_ptr<Transport>> choose_transport(const std::optional<std::string>& server, const config::Settings* settings,
                                                    const OpenLocal& open_local, const UseOf& use_of, std::ostream& notes) {
    if (server) {
        const auto place = read_server(*server);
        if (!place) return std::unexpected(place.error());
        auto connected = connect_http(*place);
        if (!connected) return std::unexpected(connected.error().error);
        return *std::move(connected);
    }
    const std::filesystem::path& folder = settings->state.folder;
    const auto use = [&] { return use_of ? use_of(folder) : std::nullopt; };
    Place place = place_of(settings->daemon);
    if (place.port == 0) {  // any free one: who listens says in the state folder at which
        if (const auto told = use()) place.port = told->port.value_or(0);
    }
    if (place.port != 0) {
        auto connected = connect_http(place);
        if (connected) {
            // A copy of the settings, as a restored backup has them, leads to the daemon of the original.
            if (const auto told = use(); told && !told->held) return fail_of_another(place, folder);
            return *std::move(connected);
        }
        if (!connected.error().nobody_there) return std::unexpected(connected.error().error);
    }
    auto local = open_local(*settings);
    if (local) notes << "stemmad is not running: reading the state folder directly\n";
    return local;
}

}  // namespace stemma::cli
