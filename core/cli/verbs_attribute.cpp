// recall attribute: what is behind items that failed.
#include <boost/json/serialize.hpp>

#include "core/base/quantity.hpp"
#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"

namespace stemma::cli {
namespace {

/// The lines of a file, without blanks around them; empty ones are left out.
boost::json::array lines_of(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r";
    boost::json::array lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
        line = line.substr(0, line.find_last_not_of(kBlank) + 1);
        if (!line.empty()) lines.emplace_back(line);
    }
    return lines;
}

}  // namespace

ExitCode recall_attribute(Session& session) {
    const Invocation& call = session.call();
    boost::json::object population;
    if (!call.products.empty()) population["products"] = boost::json::array(call.products.begin(), call.products.end());
    if (!call.from.empty()) population["from"] = call.from;
    if (!call.to.empty()) population["to"] = call.to;
    if (!call.file.empty()) {
        const auto text = session.read_input(call.file);
        if (!text) return session.fail(text.error());
        population["items"] = lines_of(*text);
        if (population["items"].as_array().empty())
            return session.fail(Error{Errc::invalid_input, "names no item to compare with", call.file.string(),
                                      "write one item a line, or leave --among out to compare with all items of the products"});
    }
    boost::json::object body{{"failed", boost::json::array(call.items.begin(), call.items.end())}};
    if (!population.empty()) body["population"] = population;
    if (call.as_of) body["asOf"] = *call.as_of;
    if (!call.as_of_time.empty()) body["asOf"] = call.as_of_time;
    if (call.alpha) body["alpha"] = *call.alpha;
    if (call.failed_min) body["failedMin"] = *call.failed_min;
    if (call.limit) body["limit"] = *call.limit;
    if (call.inferred) body["inferred"] = true;
    if (call.no_conditions) body["conditions"] = false;
    return session.show(post("/api/v1/recalls/attribute", boost::json::serialize(body)),
                        [&](const Json& answer) { return render_attribution(answer, session.look()); });
}

}  // namespace stemma::cli
