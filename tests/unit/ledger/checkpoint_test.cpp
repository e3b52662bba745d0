// Checkpoints: published notes and keys, strict reading, and the copy outside the database.
#include "core/ledger/checkpoint.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace stemma {
namespace {

// The example of Go's golang.org/x/mod/sumdb/note, from which C2SP signed-note was written.
constexpr std::string_view kExampleKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kExampleSeed = "gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM=";
constexpr std::string_view kExampleText =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
constexpr std::string_view kExampleNote =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

TEST(Note, opens_the_published_example) {
    const Result<NoteKey> key = key_from_text(kExampleKey);
    ASSERT_TRUE(key) << key.error().text();
    EXPECT_EQ(key->name, "PeterNeumann");
    EXPECT_EQ(key_text(*key), kExampleKey);
    const Result<std::string> text = open_note(kExampleNote, *key);
    ASSERT_TRUE(text) << text.error().text();
    EXPECT_EQ(*text, kExampleText);
}

TEST(Note, signs_the_published_example_alike) {
    const SigningKey key = SigningKey::from_seed(from_base64(kExampleSeed).value()).value();
    EXPECT_EQ(sign_note(kExampleText, "PeterNeumann", key), kExampleNote);
}

TEST(Note, reads_the_key_of_the_go_checksum_database) {
    constexpr std::string_view kKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
    EXPECT_EQ(key_text(key_from_text(kKey).value()), kKey);
}

TEST(Note, refuses_keys_that_are_none) {
    const std::string key{kExampleKey};
    for (std::string text :
         {std::string{}, std::string{"PeterNeumann"}, key.substr(0, key.size() - 4), key + "AAAA", "Peter Neumann" + key.substr(12),
          "Peter" + key.substr(12), std::string{key}.replace(13, 1, "d"), std::string{key}.replace(22, 1, "B"), key.substr(12)})
        EXPECT_FALSE(key_from_text(text)) << text;
}

TEST(Note, passes_over_other_signatures_but_needs_its_own) {
    const SigningKey ours = SigningKey::generate();
    const SigningKey witness = SigningKey::generate();
    const NoteKey key{"log", ours.public_key()};
    const std::string note = sign_note("text\n", "log", ours);
    const std::string cosigned = sign_note("text\n", "witness", witness);
    const std::string witness_line = cosigned.substr(cosigned.find("\n\n") + 2);
    EXPECT_TRUE(open_note(note + witness_line, key));
    EXPECT_FALSE(open_note(cosigned, key));
    EXPECT_FALSE(open_note(sign_note("text\n", "log", witness), key));  // same name, other key
    EXPECT_FALSE(open_note(sign_note("text\n", "gol", ours), key));     // same key, other name
    std::string many = note;
    for (int i = 0; i < 15; ++i) many += witness_line;
    EXPECT_TRUE(open_note(many, key));
    EXPECT_FALSE(open_note(many + witness_line, key));
}

class CheckpointNote : public testing::Test {
protected:
    SigningKey key = SigningKey::from_seed(std::string(32, 'k')).value();
    NoteKey reader{"example.org/stemma", key.public_key()};
    Checkpoint checkpoint{"example.org/stemma", 17, sha256("root")};
};

TEST_F(CheckpointNote, has_the_form_of_c2sp_and_is_read_back) {
    const std::string note = sign_checkpoint(checkpoint, key);
    const std::string head = "example.org/stemma\n17\n" + to_base64(as_view(sha256("root"))) + "\n\n— example.org/stemma ";
    EXPECT_TRUE(note.starts_with(head)) << note;
    EXPECT_TRUE(note.ends_with('\n'));
    const Result<Checkpoint> back = open_checkpoint(note, reader);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(*back, checkpoint);
    checkpoint.size = 0;
    EXPECT_EQ(open_checkpoint(sign_checkpoint(checkpoint, key), reader).value(), checkpoint);
    checkpoint.size = 18'446'744'073'709'551'615U;
    EXPECT_EQ(open_checkpoint(sign_checkpoint(checkpoint, key), reader).value(), checkpoint);
}

TEST_F(CheckpointNote, does_not_survive_any_changed_byte) {
    const std::string note = sign_checkpoint(checkpoint, key);
    for (std::size_t i = 0; i < note.size(); ++i) {
        for (const int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
            std::string changed = note;
            changed[i] = static_cast<char>(changed[i] ^ flip);
            const Result<Checkpoint> opened = open_checkpoint(changed, reader);
            ASSERT_FALSE(opened) << changed;
            ASSERT_FALSE(opened.error().message.empty());
        }
        ASSERT_FALSE(open_checkpoint(note.substr(0, i), reader));
        ASSERT_FALSE(open_checkpoint(note.substr(0, i) + note.substr(i + 1), reader));
    }
}

TEST_F(CheckpointNote, is_read_strictly_even_when_signed) {
    const std::string root = to_base64(as_view(checkpoint.root));
    const auto opens = [&](const std::string& text) { return open_checkpoint(sign_note(text, reader.name, key), reader).has_value(); };
    EXPECT_TRUE(opens("example.org/stemma\n17\n" + root + "\n"));
    EXPECT_FALSE(opens("example.org/other\n17\n" + root + "\n"));
    EXPECT_FALSE(opens("example.org/stemma\n017\n" + root + "\n"));
    EXPECT_FALSE(opens("example.org/stemma\n+17\n" + root + "\n"));
    EXPECT_FALSE(opens("example.org/stemma\n-1\n" + root + "\n"));
    EXPECT_FALSE(opens("example.org/stemma\n\n" + root + "\n"));
    EXPECT_FALSE(opens("example.org/stemma\n18446744073709551616\n" + root + "\n"));
    EXPECT_FALSE(opens("example.org/stemma\n17\n" + to_base64(std::string(31, 'r')) + "\n"));
    EXPECT_FALSE(opens("example.org/stemma\n17\n"));
    EXPECT_FALSE(opens("example.org/stemma\n17\n" + root + "\nextension\n"));
}

TEST_F(CheckpointNote, holds_the_note_to_its_size) {
    const auto sized = [&](std::size_t size) {
        const std::string note = sign_note("\n", reader.name, key);
        return sign_note(std::string(size - note.size(), 'x') + "\n", reader.name, key);
    };
    EXPECT_TRUE(open_note(sized(kNoteBytesMax), reader));
    EXPECT_FALSE(open_note(sized(kNoteBytesMax + 1), reader));
}

class OutsideCheckpoint : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "stemma-checkpoint-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    std::filesystem::path folder;
};

TEST_F(OutsideCheckpoint, is_nothing_at_first_and_then_the_newest) {
    const CheckpointFile file{(folder / "checkpoint").string()};
    EXPECT_EQ(file.read().value(), std::nullopt);
    ASSERT_TRUE(file.write("one"));
    ASSERT_TRUE(file.write("second"));
    EXPECT_EQ(file.read().value(), "second");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder}, {}), 1);
}

TEST_F(OutsideCheckpoint, is_never_seen_in_part) {
    const CheckpointFile file{(folder / "checkpoint").string()};
    ASSERT_TRUE(file.write(std::string(9'000, 'a')));
    std::jthread writer{[&](const std::stop_token& stop) {
        for (char c = 'a'; !stop.stop_requested(); c = c == 'z' ? 'a' : static_cast<char>(c + 1))
            EXPECT_TRUE(file.write(std::string(9'000, c)));
    }};
    for (int i = 0; i < 300; ++i) {
        const std::string note = file.read().value().value();
        ASSERT_EQ(note, std::string(9'000, note.at(0)));
    }
}

TEST_F(OutsideCheckpoint, is_read_up_to_the_size_of_a_note) {
    const CheckpointFile file{(folder / "checkpoint").string()};
    ASSERT_TRUE(file.write(std::string(kNoteBytesMax, 'x')));
    EXPECT_TRUE(file.read());
    ASSERT_TRUE(file.write(std::string(kNoteBytesMax + 1, 'x')));
    EXPECT_EQ(file.read().error().code, Errc::too_large);
}

TEST_F(OutsideCheckpoint, says_when_it_cannot_be_written_or_read) {
    EXPECT_EQ(CheckpointFile{(folder / "none" / "checkpoint").string()}.write("x").error().code, Errc::storage);
    EXPECT_EQ(CheckpointFile{folder.string()}.read().error().code, Errc::storage);
}

}  // namespace
}  // namespace stemma
