// trace, recall: where it came from, where it went, who has it now.
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"

namespace stemma::cli {
namespace {

void add_question(Query& query, const Invocation& call) {
    add(query, "as_of", call.as_of);
    add(query, "as_of", call.as_of_time);
    if (call.certain_only) query["inferred"] = "false";
    if (call.timed) query["timed"] = "true";
}

/// How an answer in rows ends when it is whole.
Session::LastLine last_line_of(const std::string& format) {
    if (format == "csv") return {"#end ", " complete=true"};
    return {"{", R"("complete":true})"};
}

/// "product,place" as a list.
boost::json::array names_in(std::string_view text) {
    boost::json::array names;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        names.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return names;
}

ExitCode trace(Session& session, const char* path) {
    const Invocation& call = session.call();
    Query query{{"item", call.subject}};
    add_question(query, call);
    add(query, "by", call.by);
    if (!call.format.empty()) {
        query["format"] = call.format;
        add(query, "fields", call.row_fields);
        return session.pass_on(get(path, query), last_line_of(call.format));
    }
    if (!call.by.empty())
        return session.show(get(path, query),
                            [&](const Json& answer) { return render_roll_up(answer, session.look(), call.limit.value_or(kLinesDefault)); });
    if (call.count) {
        query["count"] = "true";
        return session.show(get(path, query), [&](const Json& answer) { return render_trace_count(answer, call.subject, session.look()); });
    }
    return session.show(get(path, query),
                        [&](const Json& answer) { return render_trace(answer, session.look(), call.limit.value_or(kLinesDefault)); });
}

}  // namespace

ExitCode trace_back(Session& session) { return trace(session, "/api/v1/trace/back"); }
ExitCode trace_forward(Session& session) { return trace(session, "/api/v1/trace/forward"); }

ExitCode trace_gaps(Session& session) {
    const Invocation& call = session.call();
    Query query;
    add(query, "item", call.subject);
    add_question(query, call);
    add(query, "kind", call.kind);
    add(query, "limit", call.limit);
    if (call.cursor != 0) add(query, "cursor", call.cursor);
    if (call.count) query["count"] = "true";
    return session.show(get("/api/v1/lineage/gaps", query), [&](const Json& answer) { return render_gaps(answer, session.look()); });
}

ExitCode trace_amounts(Session& session) {
    const Invocation& call = session.call();
    Query query{{"item", call.subject}};
    add_question(query, call);
    return session.show(get("/api/v1/lineage/amounts", query),
                        [&](const Json& answer) { return render_amounts(answer, session.look(), call.limit.value_or(kLinesDefault)); });
}

ExitCode recall_simulate(Session& session) {
    const Invocation& call = session.call();
    boost::json::object body{{"items", boost::json::array(call.items.begin(), call.items.end())}, {"listItems", call.list_items}};
    if (call.as_of) body["asOf"] = *call.as_of;
    if (!call.as_of_time.empty()) body["asOf"] = call.as_of_time;
    if (call.certain_only) body["inferred"] = false;
    if (call.timed) body["timed"] = true;
    if (call.contents) body["contents"] = true;
    constexpr const char* kPath = "/api/v1/recalls/simulate";
    if (!call.by.empty()) body["by"] = names_in(call.by);
    if (!call.format.empty()) {
        Query query{{"format", call.format}};
        add(query, "fields", call.row_fields);
        return session.pass_on(post(kPath, boost::json::serialize(body), query), last_line_of(call.format));
    }
    if (!call.by.empty())
        return session.show(post(kPath, boost::json::serialize(body)),
                            [&](const Json& answer) { return render_roll_up(answer, session.look(), call.limit.value_or(kLinesDefault)); });
    if (call.count) {
        body["count"] = true;
        return session.show(post(kPath, boost::json::serialize(body)), [&](const Json& answer) {
            return render_trace_count(answer, fmt::format("{}", fmt::join(call.items, ", ")), session.look());
        });
    }
    return session.show(post(kPath, boost::json::serialize(body)),
                        [&](const Json& answer) { return render_recall(answer, session.look(), call.limit.value_or(kLinesDefault)); });
}

}  // namespace stemma::cli
