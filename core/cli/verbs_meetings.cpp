// erp: meetings, conflicts: what several sources know as one.
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

std::string side_text(const Json& side) { return fmt::format("{} {}", text_at(side, "source"), text_at(side, "label")); }

std::string agreed_text(const Json& pair) {
    std::string text = words(text_at(pair, "rule"));
    if (const auto* agreed = at(pair, "agreed").if_object())
        for (const auto& [name, value] : *agreed)
            text += fmt::format("{} {} {}", &*agreed->begin() == &*agreed->find(name) ? ":" : ",", std::string_view{name}, text_of(value));
    return text;
}

std::string pairs_text(const Json& answer, const Look& look) {
    Table table{{{"of"}, {"first"}, {"second"}, {"by"}, {"since"}, {"entry", Align::right}, {"ids"}}};
    for (const Json& pair : list_at(answer, "meetings")) {
        const std::string by = flag_at(pair, "apart") ? "kept apart: " + text_at(pair, "reason") : agreed_text(pair);
        table.add({text_at(pair, "of"), side_text(at(pair, "first")), side_text(at(pair, "second")), by, short_time(text_at(pair, "since")),
                   text_at(pair, "sequence"), fmt::format("{} {}", text_at(at(pair, "first"), "id"), text_at(at(pair, "second"), "id"))});
    }
    if (table.empty()) return "No product and no item of two sources is one.\n";
    return table.text(look, 0) + (flag_at(answer, "more") ? "There are more; --limit N shows more.\n" : "");
}

std::string conflicts_text(const Json& answer, const Look& look) {
    std::string out;
    for (const Json& conflict : list_at(answer, "conflicts")) {
        out += heading(look, fmt::format("{}: {}{}", words(text_at(conflict, "kind")), text_at(conflict, "what"),
                                         flag_at(conflict, "met") ? " (one all the same)" : ""));
        Table sides{{{"source"}, {"is"}, {"says"}, {"id"}}};
        for (const Json& side : list_at(conflict, "sides"))
            sides.add({text_at(side, "source"), text_at(side, "label"), text_at(side, "said"), text_at(side, "id")});
        out += sides.text(look) + "  " + printable(text_at(conflict, "hint")) + "\n";
    }
    if (out.empty()) return "No conflict between sources.\n";
    return out +
           fmt::format("{}{}\n", counted(list_at(answer, "conflicts").size(), "conflict"), flag_at(answer, "more") ? ", and more" : "");
}

}  // namespace

ExitCode erp_meetings(Session& session) {
    const Invocation& call = session.call();
    if (!call.apart && !call.meet) {
        Query query;
        if (!call.items.empty()) add(query, "item", call.items.front());
        add(query, "limit", call.limit);
        return session.show(get("/api/v1/erp/meetings", query), [&](const Json& answer) { return pairs_text(answer, session.look()); });
    }
    if (call.items.size() != 2 || call.reason.empty() || call.apart == call.meet)
        return session.fail(Errors{{Errc::invalid_input,
                                    "--undo and --meet take two ids and a reason, one of both at a time",
                                    {},
                                    "stemma erp meetings shows the ids; stemma erp meetings --undo ID ID --reason TEXT"}});
    const boost::json::object body{{"first", call.items[0]}, {"second", call.items[1]}, {"apart", call.apart}, {"reason", call.reason}};
    return session.show(post("/api/v1/erp/meetings", boost::json::serialize(body)), [&](const Json& answer) {
        return fmt::format("{} and {} are {}.\n", text_at(answer, "first"), text_at(answer, "second"),
                           flag_at(answer, "apart") ? "two from here on, until somebody says otherwise" : "one from here on");
    });
}

ExitCode erp_conflicts(Session& session) {
    return session.show(get("/api/v1/erp/conflicts"), [&](const Json& answer) { return conflicts_text(answer, session.look()); });
}

}  // namespace stemma::cli
