// event capture, master capture of a file with one record a line: read as it is sent, in batches, so that the file may have any size.
// Each batch has a key of its own from the text up to its end: the same file sent again records nothing twice, and one that was cut off
// goes on where it ended.
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <charconv>
#include <fstream>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

constexpr std::size_t kBatchLinesMax = 10'000;                        ///< limits.batch_events_max as it is delivered
constexpr std::size_t kBatchBytesMax = std::size_t{8} * 1024 * 1024;  ///< a batch ends with the line that reaches it
constexpr std::size_t kKeyDigits = 32;

/// A part of the file that is sent as one command.
struct Batch {
    std::string text;
    std::uint64_t lines{0};
};

Batch next_batch(std::istream& in) {
    Batch batch;
    for (std::string line; batch.lines < kBatchLinesMax && batch.text.size() < kBatchBytesMax && std::getline(in, line); ++batch.lines)
        batch.text += line + '\n';
    return batch;
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

/// "line 17: /x" of a batch as the line of the file.
void name_line_of_file(Answer& problem, std::uint64_t lines_before) {
    constexpr std::string_view kLine = "line ";
    std::string pointer = text_at(problem.json, "pointer");
    if (lines_before == 0 || !pointer.starts_with(kLine)) return;
    std::uint64_t line = 0;
    const char* const end = pointer.data() + pointer.size();
    const auto [rest, error] = std::from_chars(pointer.data() + kLine.size(), end, line);
    if (error != std::errc{}) return;
    problem.json.as_object()["pointer"] = fmt::format("{}{}{}", kLine, line + lines_before, std::string_view{rest, end});
    problem.body = boost::json::serialize(problem.json);
}

/// What the batches so far came to.
struct Sum {
    std::uint64_t batches{0};
    std::uint64_t records{0};
    std::uint64_t replayed{0};  ///< of the records: they were recorded before
    std::uint64_t lines{0};
};

ExitCode stopped(Session& session, Answer problem, const Sum& sum) {
    name_line_of_file(problem, sum.lines);
    const ExitCode code = session.fail(problem);
    if (sum.batches != 0)
        session.screen().err << fmt::format("  {} of the lines before are recorded; send the same file again to go on\n",
                                            counted(sum.records, "record"));
    return code;
}

ExitCode send_all(Session& session, const char* path, std::istream& in) {
    Sum sum;
    std::string digest;
    ProgressLine progress{session.screen()};
    for (Batch batch = next_batch(in); batch.lines != 0; batch = next_batch(in)) {
        if (sum.batches == 0) batch.text.erase(0, batch.text.size() - without_byte_order_mark(batch.text).size());
        digest = to_hex(sha256({digest, batch.text}));
        if (!is_blank(batch.text)) {
            Query query;
            add(query, "reason", session.call().reason);
            http::Request request = post(path, std::move(batch.text), query);
            request.headers["content-type"] = http::kNdjson;
            const std::string& key = session.call().idempotency_key;
            request.headers["idempotency-key"] =
                fmt::format("{}-{}", key.empty() ? "file-" + digest.substr(0, kKeyDigits) : key, sum.batches + 1);
            auto answer = session.ask(std::move(request));
            if (!answer) return session.fail(answer.error());
            if (!answer->ok()) return stopped(session, *std::move(answer), sum);
            const std::uint64_t count = count_at(answer->json, "count");
            sum.records += count;
            if (flag_at(answer->json, "replayed")) sum.replayed += count;
        }
        ++sum.batches;
        sum.lines += batch.lines;
        progress.show(fmt::format("{} records", grouped(sum.records)));
    }
    progress.clear();
    if (in.bad()) return session.fail(Error{Errc::invalid_input, "cannot be read", session.call().file.string(), {}});
    if (sum.records == 0) return session.fail(Error{Errc::invalid_input, "there is nothing to record", session.call().file.string(), {}});
    if (session.call().json)
        session.print_json({{"records", sum.records}, {"replayed", sum.replayed}, {"batches", sum.batches}});
    else
        session.print(fmt::format("Recorded: {} in {}{}.\n", counted(sum.records, "record"), counted(sum.batches, "batch", "batches"),
                                  sum.replayed == 0 ? "" : fmt::format(", {} of them before", grouped(sum.replayed))));
    return ExitCode::done;
}

}  // namespace

bool has_lines(const Invocation& call) { return call.lines || call.file.extension() == ".ndjson" || call.file.extension() == ".jsonl"; }

ExitCode capture_lines(Session& session, const char* path) {
    const std::filesystem::path& file = session.call().file;
    if (file == "-") return send_all(session, path, session.screen().in);
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) return session.fail(Error{Errc::invalid_input, "is a folder", file.string(), {}});
    std::ifstream opened{file, std::ios::binary};
    if (!opened) return session.fail(Error{Errc::invalid_input, "cannot be opened", file.string(), {}});
    return send_all(session, path, opened);
}

}  // namespace stemma::cli
