// search, item: finding items and their pages.
#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"

namespace stemma::cli {

ExitCode search(Session& session) {
    Query query{{"q", session.call().subject}};
    add(query, "limit", session.call().limit);
    return session.show(get("/api/v1/search", query), [&](const Json& answer) { return render_hits(answer, session.look()); });
}

ExitCode item_show(Session& session) {
    Query query;
    add(query, "as_of", session.call().as_of);
    add(query, "as_of", session.call().as_of_time);
    if (session.call().limit != 0U) add(query, "limit", session.call().limit);  // 0 shows all, as everywhere; for the API it is none
    return session.show(get(api_path("items/", session.call().subject), query),
                        [&](const Json& answer) { return render_item(answer, session.look()); });
}

ExitCode item_assess(Session& session) {
    Query query;
    add(query, "as_of_time", session.call().as_of_time);
    const std::string path = api_path("items/", session.call().subject, "/assessments/" + http::percent_encode(session.call().kind));
    return session.show(get(path, query), [&](const Json& answer) { return render_assessment(answer, session.look()); });
}

}  // namespace stemma::cli
