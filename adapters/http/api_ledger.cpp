// /ledger: the proofs. Checkpoints as signed notes, entries with their exact bytes, inclusion and consistency proofs, replay of verdicts.
#include <fmt/format.h>

#include "adapters/http/api.hpp"
#include "core/base/text.hpp"
#include "core/ledger/codec_parts.hpp"
#include "core/ledger/note.hpp"

namespace stemma::http {
namespace {

void write_proof(json::Writer& out, const Proof& proof) {
    out.key("proof");
    out.begin_array();
    for (const Digest& hash : proof) out.string(to_hex(hash));
    out.end_array();
}

Response checkpoint(Api& api, const Request&) {
    const auto newest = api.engine.ledger().checkpoint();
    if (!newest) return problem(Error{Errc::not_found, "the ledger is empty: there is no checkpoint yet", "", ""});
    return {200, "text/plain; charset=utf-8", newest->note, {}};
}

Result<std::string> head(Api& api, const Request&) {
    const auto newest = api.engine.ledger().checkpoint();
    const std::uint64_t size = newest ? newest->size : 0;
    const auto root = api.engine.ledger().root(size);
    if (!root) return std::unexpected(root.error());
    json::Writer out;
    out.begin_object();
    out.number("size", size);
    out.field("root", to_hex(*root));
    out.field("origin", api.engine.ledger().note_key().name);
    out.field("key", key_text(api.engine.ledger().note_key()));
    if (newest) out.field("checkpoint", newest->note);
    out.end_object();
    return out.take();
}

Result<Sequence> sequence_of(const Request& request) {
    const std::string& text = request.argument("sequence");
    Request number;
    number.query["sequence"] = text;
    auto value = number_of(number, "sequence", 0, 0, UINT64_MAX);
    if (!value) value.error().where = "/sequence";
    return value;
}

Result<std::string> entry(Api& api, const Request& request) {
    const auto sequence = sequence_of(request);
    if (!sequence) return std::unexpected(sequence.error());
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto rows = (*snapshot)->entries(*sequence, 1);
    if (!rows) return std::unexpected(rows.error());
    const auto line = engine::Queries{**snapshot, api.engine.index(), api.engine.limits()}.entry(*sequence);
    if (!line) return std::unexpected(line.error());
    DisplayNames names{**snapshot, api.engine.index(), api.engine.limits()};
    json::Writer out;
    out.begin_object();
    out.number("sequence", *sequence);
    out.field("leafHash", rows->front().leaf_hash);
    out.field("chainHash", rows->front().chain_hash);
    out.field("bytes", rows->front().bytes);
    out.key("entry");
    write_entry_line(out, *line, names, NamesOf::items_too);
    out.end_object();
    return out.take();
}

/// The signed checkpoint that a proof for `size` entries leads to. One is stored for each group of entries that were committed together,
/// so there may be none of this size: another one, the newest too, has another root, and the answer says where the next one is.
Result<void> write_checkpoint_of(json::Writer& out, Api& api, std::uint64_t size) {
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto stored = (*snapshot)->checkpoints(size, 1);
    if (!stored) return std::unexpected(stored.error());
    if (stored->empty()) return {};
    const StoredCheckpoint& next = stored->front();
    if (next.size == size) {
        out.field("checkpoint", next.note);
        return {};
    }
    out.number("nextCheckpoint", next.size);
    out.field("hint",
              fmt::format("no signed checkpoint of {0} entries is stored, and one of another size does not match this root; the next "
                          "is of {1}: ask for ?size={1}, or prove with /api/v1/ledger/consistency?old={0}&size={1} that it "
                          "begins with these",
                          size, next.size));
    return {};
}

Result<std::string> inclusion(Api& api, const Request& request) {
    const auto sequence = sequence_of(request);
    if (!sequence) return std::unexpected(sequence.error());
    const auto newest = api.engine.ledger().checkpoint();
    const auto size = number_of(request, "size", newest ? newest->size : 0, 0, UINT64_MAX);
    if (!size) return std::unexpected(size.error());
    const auto proof = api.engine.ledger().inclusion_proof(*sequence, *size);
    if (!proof) return std::unexpected(proof.error());
    const auto root = api.engine.ledger().root(*size);
    if (!root) return std::unexpected(root.error());
    json::Writer out;
    out.begin_object();
    out.number("sequence", *sequence);
    out.number("size", *size);
    out.field("root", to_hex(*root));
    write_proof(out, *proof);
    if (auto written = write_checkpoint_of(out, api, *size); !written) return std::unexpected(written.error());
    out.end_object();
    return out.take();
}

Result<std::string> consistency(Api& api, const Request& request) {
    const auto newest = api.engine.ledger().checkpoint();
    const auto old_size = number_of(request, "old", 1, 1, UINT64_MAX);
    if (!old_size) return std::unexpected(old_size.error());
    const auto size = number_of(request, "size", newest ? newest->size : 0, 0, UINT64_MAX);
    if (!size) return std::unexpected(size.error());
    const auto proof = api.engine.ledger().consistency_proof(*old_size, *size);
    if (!proof) return std::unexpected(proof.error());
    const auto old_root = api.engine.ledger().root(*old_size);
    if (!old_root) return std::unexpected(old_root.error());
    const auto root = api.engine.ledger().root(*size);
    if (!root) return std::unexpected(root.error());
    json::Writer out;
    out.begin_object();
    out.number("oldSize", *old_size);
    out.field("oldRoot", to_hex(*old_root));
    out.number("size", *size);
    out.field("root", to_hex(*root));
    write_proof(out, *proof);
    out.end_object();
    return out.take();
}

Result<engine::ReplayOptions> replay_options(const Request& request) {
    const std::string by = request.parameter("by").value_or("then");
    const std::string facts = request.parameter("facts").value_or("both");
    if (by != "then" && by != "now")
        return fail(Errc::invalid_input, fmt::format("'{}' is neither then nor now", clip(by)), "?by",
                    "then: the plugin as it was; now: the one in force");
    if (facts != "both" && facts != "stored")
        return fail(Errc::invalid_input, fmt::format("'{}' is neither both nor stored", clip(facts)), "?facts",
                    "both: also read again; stored: those that the ledger keeps");
    return engine::ReplayOptions{by == "then" ? engine::ReplayBy::then : engine::ReplayBy::now, facts == "both"};
}

void write_replayed(json::Writer& out, const engine::ReplayedJudgement& one, engine::ReplayBy by) {
    write_flag(out, "replayed", one.replayed);
    write_flag(out, "equal", one.equal(by));
    out.key("now");
    out.begin_object();
    out.field("factsSha256", one.facts_sha256);
    out.key("verdict");
    json::write(out, one.verdict);
    out.key("verdictByStored");
    json::write(out, one.verdict_by_stored);
    out.end_object();
    write_flag(out, "pluginEqual", one.plugin_equal);
    write_flag(out, "storedEqual", one.stored_equal);
    write_flag(out, "factsEqual", one.facts_equal);
    write_flag(out, "verdictEqual", one.verdict_equal);
    out.field("note", one.note());
}

Result<std::string> replay(Api& api, const Request& request) {
    const auto sequence = sequence_of(request);
    if (!sequence) return std::unexpected(sequence.error());
    const auto options = replay_options(request);
    if (!options) return std::unexpected(options.error());
    const auto replayed = api.engine.replay(*sequence, *options);
    if (!replayed) return std::unexpected(replayed.error());
    json::Writer out;
    out.begin_object();
    out.number("sequence", *sequence);
    out.key("judgements");
    out.begin_array();
    for (const engine::ReplayedJudgement& one : *replayed) {
        out.begin_object();
        out.key("stored");
        json::write(out, one.stored);
        write_replayed(out, one, options->by);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

/// A part of a range. What differs is told with the verdict of then, without its facts, which the entry's own replay shows.
Result<std::string> replay_range(Api& api, const Request& request) {
    const auto options = replay_options(request);
    if (!options) return std::unexpected(options.error());
    const auto newest = api.engine.ledger().checkpoint();
    const Sequence size = newest ? newest->size : 0;
    const auto from = number_of(request, "from", 0, 0, size);
    if (!from) return std::unexpected(from.error());
    const auto to = number_of(request, "to", size, *from, size);
    if (!to) return std::unexpected(to.error());
    const auto part = api.engine.replay_part(*from, *to, *options, request.cancel);
    if (!part) return std::unexpected(part.error());
    if (part->entries == 0 && *from < *to)
        return fail(Errc::unavailable, "the time for the answer was over before the first entry", {},
                    "try again, or raise limits.request_seconds_max in stemma.yaml");
    json::Writer out;
    out.begin_object();
    out.number("from", *from);
    out.number("to", *to);
    if (part->next < *to) out.number("next", part->next);
    out.number("entries", part->entries);
    out.number("judgements", part->judgements);
    out.number("equal", part->equal);
    out.number("differing", part->differing);
    out.number("notReplayed", part->not_replayed);
    out.key("told");
    out.begin_array();
    for (const auto& [sequence, one] : part->told) {
        out.begin_object();
        out.number("sequence", sequence);
        out.field("plugin", one.stored.plugin);
        out.field("version", one.stored.version);
        out.key("then");
        json::write(out, one.stored.verdict);
        write_replayed(out, one, options->by);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

}  // namespace

void add_ledger_routes(Router& router, Api& api) {
    router.add({"GET", "/api/v1/ledger", {}, json_handler([&](const Request& r) { return head(api, r); })});
    router.add({"GET", "/api/v1/ledger/checkpoint", {}, [&](const Request& r) { return checkpoint(api, r); }});
    router.add({"GET", "/api/v1/ledger/entries/{sequence}", {}, json_handler([&](const Request& r) { return entry(api, r); })});
    router.add(
        {"GET", "/api/v1/ledger/entries/{sequence}/proof", {"size"}, json_handler([&](const Request& r) { return inclusion(api, r); })});
    router.add({"GET", "/api/v1/ledger/entries/{sequence}/replay", {"by", "facts"}, json_handler([&](const Request& r) {
                    return replay(api, r);
                })});
    router.add({"GET", "/api/v1/ledger/replay", {"from", "to", "by", "facts"}, json_handler([&](const Request& r) {
                    return replay_range(api, r);
                })});
    router.add({"GET", "/api/v1/ledger/consistency", {"old", "size"}, json_handler([&](const Request& r) { return consistency(api, r); })});
}

}  // namespace stemma::http
