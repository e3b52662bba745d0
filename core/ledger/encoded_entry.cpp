#include "core/ledger/encoded_entry.hpp"

#include "core/ledger/codec_parts.hpp"
#include "core/ledger/entry_codec.hpp"
#include "core/ledger/tree.hpp"

namespace stemma {
namespace {

constexpr std::string_view kBeforeTime = R"({"form":1,"recordTime":")";  ///< how the bytes of every entry begin

}  // namespace

EncodedEntry::EncodedEntry(const Entry& entry) : EncodedEntry{encode(entry)} {}

EncodedEntry::EncodedEntry(const Entry& entry, std::string_view body_json) : EncodedEntry{encode(entry, body_json)} {}

EncodedEntry::EncodedEntry(std::string bytes)
    : bytes_{std::move(bytes)}, time_bytes_{bytes_.find('"', kBeforeTime.size()) - kBeforeTime.size()}, leaf_{leaf_hash(bytes_)} {}

void EncodedEntry::restate(Instant recorded_at) {
    const std::string time = format_instant(recorded_at);
    bytes_.replace(kBeforeTime.size(), time_bytes_, time);
    time_bytes_ = time.size();
    hashed_ = false;
}

void EncodedEntry::add_judgements(const std::vector<Judgement>& judgements) {
    if (judgements.empty()) return;
    json::Writer out;
    out.begin_object();
    out.list("judgements", judgements, [&](const Judgement& judgement) { json::write(out, judgement); });
    out.end_object();
    const std::string object = out.take();
    bytes_.back() = ',';  // was the entry's closing brace; the list brings its own
    bytes_.append(object, 1);
    hashed_ = false;
}

const Digest& EncodedEntry::leaf() {
    if (!hashed_) leaf_ = leaf_hash(bytes_);
    hashed_ = true;
    return leaf_;
}

}  // namespace stemma
