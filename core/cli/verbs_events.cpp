// event, master: showing and recording.
#include <fmt/format.h>

#include <algorithm>

#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

constexpr std::uint64_t kIdsShown = 20;

std::string ids_text(const Json& receipt) {
    std::string out;
    const auto ids = list_at(receipt, "ids");
    for (const Json& id : ids.first(std::min<std::size_t>(ids.size(), kIdsShown))) out += "  " + printable(text_of(id)) + '\n';
    if (ids.size() > kIdsShown) out += fmt::format("  ... {} not shown, --json has all\n", counted(ids.size() - kIdsShown, "more id"));
    return out;
}

std::string receipt_text(const Json& receipt, const Look& look) {
    const std::uint64_t count = count_at(receipt, "count");
    const std::uint64_t first = count_at(receipt, "first");
    const std::string entries = count == 1 ? fmt::format("entry {}", first) : fmt::format("{} entries from {}", grouped(count), first);
    const std::string said = flag_at(receipt, "replayed") ? fmt::format("Recorded before under this key: {}.\n", entries)
                                                          : fmt::format("Recorded: {}.\n", entries);
    return said + ids_text(receipt) +
           (flag_at(receipt, "judged") ? render_verdict(at(receipt, "verdict"), look) : "  no plugin judged it\n");
}

ExitCode capture(Session& session, const char* path) {
    if (has_lines(session.call())) return capture_lines(session, path);
    const auto text = session.read_input(session.call().file);
    if (!text) return session.fail(text.error());
    Query query;
    add(query, "reason", session.call().reason);
    http::Request request = post(path, *text, query);
    if (!session.call().idempotency_key.empty()) request.headers["idempotency-key"] = session.call().idempotency_key;
    return session.show(std::move(request), [&](const Json& answer) { return receipt_text(answer, session.look()); });
}

}  // namespace

ExitCode event_show(Session& session) {
    return session.show(get(api_path("events/", session.call().subject)),
                        [&](const Json& answer) { return render_event(answer, session.look()); });
}

ExitCode event_capture(Session& session) { return capture(session, "/api/v1/events"); }
ExitCode master_capture(Session& session) { return capture(session, "/api/v1/master"); }

}  // namespace stemma::cli
