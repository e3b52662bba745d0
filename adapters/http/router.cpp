#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "adapters/http/http.hpp"
#include "adapters/http/route_acts.hpp"
#include "core/base/text.hpp"

namespace stemma::http {
namespace {

constexpr std::size_t kSegmentsMax = 16;  ///< of a path that any route can have

/// A path cut at its slashes, without room of its own.
class Segments {
public:
    explicit Segments(std::string_view path) {
        while (!path.empty()) {
            path.remove_prefix(1);  // the '/'
            const std::size_t end = std::min(path.find('/'), path.size());
            if (count_ < parts_.size()) parts_[count_] = path.substr(0, end);
            ++count_;
            path.remove_prefix(end);
        }
    }
    [[nodiscard]] std::size_t size() const noexcept { return count_; }  ///< beyond kSegmentsMax no route has as many
    [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept { return parts_[i]; }

private:
    std::array<std::string_view, kSegmentsMax> parts_;
    std::size_t count_{0};
};

bool is_argument(std::string_view segment) noexcept { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

bool matches(const std::vector<std::string>& pattern, const Segments& path) {
    if (pattern.size() != path.size()) return false;
    for (std::size_t i = 0; i < path.size(); ++i)
        if (is_argument(pattern[i]) ? path[i].empty() : pattern[i] != path[i]) return false;
    return true;
}

Result<void> take_arguments(const std::vector<std::string>& pattern, const Segments& path, Request& request) {
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (!is_argument(pattern[i])) continue;
        Result<std::string> decoded = percent_decode(path[i]);
        if (!decoded) return std::unexpected(decoded.error());
        request.arguments[pattern[i].substr(1, pattern[i].size() - 2)] = *std::move(decoded);
    }
    return {};
}

std::optional<Response> unknown_parameter(const Route& route, const Request& request) {
    if (route.own_parameters) return std::nullopt;
    for (const auto& [name, value] : request.query) {
        if (std::ranges::find(route.parameters, name) != route.parameters.end()) continue;
        std::string hint = did_you_mean(name, route.parameters);
        if (hint.empty() && !route.parameters.empty()) hint = fmt::format("it may have {}", fmt::join(route.parameters, ", "));
        return problem(400, "invalid_input", "Invalid input", fmt::format("the query has an unknown parameter '{}'", clip(name)), {}, hint);
    }
    return std::nullopt;
}

}  // namespace

std::string_view Request::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

bool Request::is_ndjson() const {
    std::string_view type = header("content-type");
    type = type.substr(0, type.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; };
    return std::ranges::equal(type, kNdjson, same);
}

const std::string& Request::argument(const std::string& name) const {
    static const std::string kNone;
    const auto found = arguments.find(name);
    return found == arguments.end() ? kNone : found->second;
}

std::optional<std::string> Request::parameter(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::nullopt : std::optional{found->second};
}

void Router::add(Route route) {
    route.act = act_of(route.method, route.pattern);
    if (route.quick) quick_.push_back(routes_.size());
    const Segments segments{route.pattern};
    std::vector<std::string>& kept = segments_.emplace_back();
    for (std::size_t i = 0; i < segments.size(); ++i) kept.emplace_back(segments[i]);
    routes_.push_back(std::move(route));
}

std::optional<Response> Router::handle_quickly(Request& request) const {
    if (request.path.empty() || request.path.front() != '/') return std::nullopt;
    const Segments path{request.path};
    for (const std::size_t place : quick_) {
        const Route& route = routes_[place];
        if (route.method != request.method || !matches(segments_[place], path)) continue;
        if (gate_.is_ready && !gate_.is_ready()) return std::nullopt;
        if (auto refused = refuse(route, request)) return refused;
        if (!take_arguments(segments_[place], path, request) || unknown_parameter(route, request)) return std::nullopt;
        return route.quick(request);
    }
    return std::nullopt;
}

std::optional<Response> Router::refuse_early(Request& header, std::string_view target) const {
    if (!gate_.check || !gate_.is_ready() || !target.starts_with('/')) return std::nullopt;
    const Segments path{target.substr(0, target.find('?'))};
    for (std::size_t place = 0; place < routes_.size(); ++place)
        if (routes_[place].method == header.method && matches(segments_[place], path)) return refuse(routes_[place], header);
    return std::nullopt;
}

std::optional<Response> Router::refuse(const Route& route, Request& request) const {
    return gate_.check ? gate_.check(route.act, request) : std::nullopt;
}

bool Router::is_command(std::string_view method, std::string_view path) const { return any_route(&Route::is_command, method, path); }

bool Router::is_probe(std::string_view method, std::string_view path) const { return any_route(&Route::is_probe, method, path); }

bool Router::any_route(bool Route::*is, std::string_view method, std::string_view path) const {
    if (!path.starts_with('/')) return false;
    const Segments segments{path};
    for (std::size_t place = 0; place < routes_.size(); ++place)
        if (routes_[place].*is && routes_[place].method == method && matches(segments_[place], segments)) return true;
    return false;
}

Response Router::handle(Request request) const {
    if (request.path.empty() || request.path.front() != '/')
        return problem(400, "invalid_input", "Invalid input", "the path does not begin with '/'");
    const Segments path{request.path};
    std::string allowed;
    for (std::size_t place = 0; place < routes_.size(); ++place) {
        const Route& route = routes_[place];
        if (!matches(segments_[place], path)) continue;
        if (route.method != request.method) {
            allowed += (allowed.empty() ? "" : ", ") + route.method;
            continue;
        }
        if (auto refused = refuse(route, request)) return *std::move(refused);
        if (auto taken = take_arguments(segments_[place], path, request); !taken) return problem(taken.error());
        if (auto refused = unknown_parameter(route, request)) return *std::move(refused);
        return route.handler(request);
    }
    std::vector<std::string> patterns;
    patterns.reserve(routes_.size());
    for (const Route& route : routes_) patterns.push_back(route.pattern);
    if (allowed.empty())
        return problem(404, "not_found", "Not found", fmt::format("there is nothing at {}", clip(request.path, 128)), {},
                       did_you_mean(request.path, patterns));
    Response response = problem(405, "method_not_allowed", "Method not allowed",
                                fmt::format("{} cannot be used here", clip(request.method)), {}, fmt::format("use {}", allowed));
    response.headers["Allow"] = allowed;
    return response;
}

}  // namespace stemma::http
