#include <fmt/format.h>

#include <algorithm>

#include "adapters/http/http.hpp"
#include "core/base/text.hpp"

namespace stemma::http {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        path.remove_prefix(1);  // the '/'
        const std::size_t end = std::min(path.find('/'), path.size());
        segments.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return segments;
}

bool is_argument(std::string_view segment) noexcept { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

bool matches(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path) {
    if (pattern.size() != path.size()) return false;
    for (std::size_t i = 0; i < path.size(); ++i)
        if (is_argument(pattern[i]) ? path[i].empty() : pattern[i] != path[i]) return false;
    return true;
}

Result<void> take_arguments(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path, Request& request) {
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (!is_argument(pattern[i])) continue;
        Result<std::string> decoded = percent_decode(path[i]);
        if (!decoded) return std::unexpected(decoded.error());
        request.arguments[std::string{pattern[i].substr(1, pattern[i].size() - 2)}] = *std::move(decoded);
    }
    return {};
}

std::optional<Response> unknown_parameter(const Route& route, const Request& request) {
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
    if (route.quick) quick_.push_back(routes_.size());
    routes_.push_back(std::move(route));
}

std::optional<Response> Router::handle_quickly(Request& request) const {
    if (request.path.empty() || request.path.front() != '/') return std::nullopt;
    for (const std::size_t place : quick_) {
        const Route& route = routes_[place];
        if (route.method != request.method) continue;
        const std::vector<std::string_view> path = segments_of(request.path);
        const std::vector<std::string_view> pattern = segments_of(route.pattern);
        if (!matches(pattern, path)) continue;
        if (!take_arguments(pattern, path, request) || unknown_parameter(route, request)) return std::nullopt;
        return route.quick(request);
    }
    return std::nullopt;
}

bool Router::is_command(std::string_view method, std::string_view path) const { return any_route(&Route::is_command, method, path); }

bool Router::is_probe(std::string_view method, std::string_view path) const { return any_route(&Route::is_probe, method, path); }

bool Router::any_route(bool Route::*is, std::string_view method, std::string_view path) const {
    if (!path.starts_with('/')) return false;
    const std::vector<std::string_view> segments = segments_of(path);
    return std::ranges::any_of(
        routes_, [&](const Route& route) { return route.*is && route.method == method && matches(segments_of(route.pattern), segments); });
}

Response Router::handle(Request request) const {
    if (request.path.empty() || request.path.front() != '/')
        return problem(400, "invalid_input", "Invalid input", "the path does not begin with '/'");
    const std::vector<std::string_view> path = segments_of(request.path);
    std::string allowed;
    std::vector<std::string> patterns;
    for (const Route& route : routes_) {
        patterns.push_back(route.pattern);
        const std::vector<std::string_view> pattern = segments_of(route.pattern);
        if (!matches(pattern, path)) continue;
        if (route.method != request.method) {
            allowed += (allowed.empty() ? "" : ", ") + route.method;
            continue;
        }
        if (auto taken = take_arguments(pattern, path, request); !taken) return problem(taken.error());
        if (auto refused = unknown_parameter(route, request)) return *std::move(refused);
        return route.handler(request);
    }
    if (allowed.empty())
        return problem(404, "not_found", "Not found", fmt::format("there is nothing at {}", clip(request.path, 128)), {},
                       did_you_mean(request.path, patterns));
    Response response = problem(405, "method_not_allowed", "Method not allowed",
                                fmt::format("{} cannot be used here", clip(request.method)), {}, fmt::format("use {}", allowed));
    response.headers["Allow"] = allowed;
    return response;
}

}  // namespace stemma::http
