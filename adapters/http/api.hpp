// The handlers of /api/v1, a file per noun. A handler turns a request into a call on the engine and its answer into JSON; it decides
// nothing. Names in JSON are camelCase as in EPCIS 2.0, names in queries snake_case. schemas/http/openapi.yaml describes every route.
#pragma once

#include <functional>
#include <string>

#include "adapters/http/api_names.hpp"
#include "adapters/http/http.hpp"
#include "adapters/http/large_traces.hpp"
#include "core/engine/access.hpp"
#include "core/engine/engine.hpp"
#include "core/ledger/json_read.hpp"
#include "core/ledger/json_write.hpp"

namespace stemma::http {

/// What the handlers stand on; outlives the router.
struct Api {
    engine::Engine& engine;
    std::string version;       ///< of the program
    std::string openapi_json;  ///< the document served at /api/openapi.json
    Instant started_at;
    LargeTraces large_traces{};
    engine::AccessDesk* access{nullptr};      ///< none: no users and no roles
    std::string local_actor{"local:nobody"};  ///< who acts where a command line has the state folder in hand
};

/// Adds every route of the API.
void add_routes(Router& router, Api& api);

/// The writer's figures together with those of the commands that the listener has taken or turned away before they reached it.
[[nodiscard]] engine::WriterStats writer_stats(const Router& router, const Api& api);

void add_status_routes(Router& router, Api& api);
void add_metric_routes(Router& router, Api& api);
void add_item_routes(Router& router, Api& api);
void add_event_routes(Router& router, Api& api);
void add_trace_routes(Router& router, Api& api);
void add_attribution_routes(Router& router, Api& api);
void add_gap_route(Router& router, Api& api);
void add_audit_route(Router& router, Api& api);
void add_amount_route(Router& router, Api& api);
void add_ledger_routes(Router& router, Api& api);
void add_erp_routes(Router& router, Api& api);
void add_meeting_routes(Router& router, Api& api);
void add_plugin_routes(Router& router, Api& api);
void add_case_routes(Router& router, Api& api);
void add_access_routes(Router& router, Api& api);
void add_approval_routes(Router& router, Api& api);
void add_report_routes(Router& router, Api& api);

inline constexpr std::uint64_t kPageDefault = 50;  ///< rows of a list without `limit`
inline constexpr std::uint64_t kPageMax = 1000;    ///< largest `limit`

/// A handler that answers JSON text or an error: 200 with the text, or a problem document.
[[nodiscard]] Handler json_handler(std::function<Result<std::string>(const Request&)> work);

/// Who acts: whoever the gate let in. Where it asks nobody the name is a claim of the header ("user:ada"), "user:local" without one.
[[nodiscard]] Result<std::string> actor_of(const Request& request);

/// A whole number of the query, within [least, most]; `fallback` when absent. Errors: Errc::invalid_input with where "?name".
[[nodiscard]] Result<std::uint64_t> number_of(const Request& request, const std::string& name, std::uint64_t fallback, std::uint64_t least,
                                              std::uint64_t most);
/// true / false; `fallback` when absent.
[[nodiscard]] Result<bool> flag_of(const Request& request, const std::string& name, bool fallback);

/// The position that `?as_of` names, a position or a time as for position_of(); lineage::kLatest when absent. Errors: as check_as_of().
[[nodiscard]] Result<Sequence> as_of_of(Api& api, const Request& request);
/// The position that a text names: a number of entries; or a record time, RFC 3339, up to which entries count, or a date, to the end of
/// that UTC day. Errors: Errc::invalid_input, also for a time of day without its zone, and as check_as_of().
[[nodiscard]] Result<Sequence> position_of(Api& api, std::string_view text, std::string_view where);
/// Errors: Errc::invalid_input for a position that the ledger has not reached; lineage::kLatest passes.
[[nodiscard]] Result<void> check_as_of(Api& api, Sequence as_of, std::string_view where);

/// Reads a body that is one JSON object with `read`; unknown fields are refused. Errors carry a JSON pointer.
[[nodiscard]] Result<void> read_object(const Request& request, const std::function<void(json::Reading&, json::Fields&)>& read);

// Values as JSON, used by several nouns.
void write_item(json::Writer& out, const engine::ItemHit& hit);
/// Whose names stand beside an entry: a list leaves out its items', of which each entry may have thousands.
enum class NamesOf : unsigned char { places_and_parties, items_too };
/// An entry; beside it as "names" what people call the places and parties that it speaks of, and the items, by their ids.
void write_entry_line(json::Writer& out, const engine::EntryLine& line, DisplayNames& names, NamesOf which = NamesOf::places_and_parties);
void write_attributes(json::Writer& out, std::string_view name, const Attributes& attributes);
void write_texts(json::Writer& out, std::string_view name, const std::vector<std::string>& texts);
void write_flag(json::Writer& out, std::string_view name, bool flag);
/// Sources whose last state is served although it may be behind: [{"source", "why", "since"}]; left out when there is none.
void write_stale(json::Writer& out, engine::Engine& engine);
/// The names of the same sources.
[[nodiscard]] std::vector<std::string> stale_sources(engine::Engine& engine);

}  // namespace stemma::http
