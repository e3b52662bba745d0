// Electronic signatures inside an entry's bytes.
#include <gtest/gtest.h>

#include "core/base/digest.hpp"
#include "core/ledger/entry_codec.hpp"

namespace stemma {
namespace {

Entry signed_entry() {
    Entry entry;
    entry.recorded_at = Instant{1'795'219'200 * kMicrosPerSecond};
    entry.actor = "user:ada";
    entry.body = Master{Place{.id = PlaceId{"urn:p:1"}, .code = {}, .name = "Store", .parent = {}}};
    const std::string body = encode_json(std::get<Master>(entry.body));
    entry.signatures = {{"ada", "approval", "seen", entry.recorded_at, "", to_hex(sha256(body)), ""}};
    return entry;
}

TEST(EntrySignature, stands_in_front_of_the_body_and_is_read_again) {
    const Entry entry = signed_entry();
    const std::string bytes = encode(entry);
    EXPECT_LT(bytes.find(R"("signatures":[{"user":"ada","meaning":"approval","reason":"seen","at":"2026-11-21T00:00:00Z","digest":")"),
              bytes.find(R"("master":)"));
    EXPECT_EQ(decode(bytes).value(), entry);
    EXPECT_EQ(encode(decode(bytes).value()), bytes);
}

TEST(EntrySignature, is_left_out_where_there_is_none) {
    Entry entry = signed_entry();
    entry.signatures.clear();
    EXPECT_EQ(encode(entry).find("signatures"), std::string::npos);
}

TEST(EntrySignature, fits_the_body_or_the_words_that_it_is_of_and_nothing_else) {
    Entry entry = signed_entry();
    EXPECT_EQ(wrong_signature(entry), "");
    entry.body = Master{Place{.id = PlaceId{"urn:p:2"}, .code = {}, .name = "Store", .parent = {}}};
    EXPECT_EQ(wrong_signature(entry), "what ada signed is not what it holds");
    entry.signatures[0].said = "{}";
    EXPECT_NE(wrong_signature(entry), "");
    entry.signatures[0].digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";  // sha256sum of {}
    EXPECT_EQ(wrong_signature(entry), "");
}

}  // namespace
}  // namespace stemma
