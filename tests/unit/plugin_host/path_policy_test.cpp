// Which files may be loaded: both sides of each rule.
#include "core/plugin_host/path_policy.hpp"

#include <fstream>

#include "core/base/digest.hpp"
#include "tests/unit/plugin_host/fixture.hpp"

namespace stemma {
namespace {

class PathPolicy : public PluginFolder {
protected:
    [[nodiscard]] Result<PluginFile> read(const std::string& name, const std::string& pin = {}) const {
        WantedPlugin wanted = want(name);
        wanted.sha256_pin = pin;
        return read_plugin(plugins(), wanted);
    }
    [[nodiscard]] Error refused(const std::string& name, const std::string& pin = {}) const {
        auto file = read(name, pin);
        EXPECT_FALSE(file) << name;
        return file ? Error{} : file.error();
    }
};

TEST_F(PathPolicy, reads_a_file_that_only_its_owner_may_write) {
    const fs::path path = put("healthy");
    const auto file = read("healthy");
    ASSERT_TRUE(file) << file.error().text();
    EXPECT_EQ(file->bytes.size(), fs::file_size(path));
    EXPECT_EQ(file->sha256_hex, to_hex(*sha256_file(path.string())));
}

TEST_F(PathPolicy, refuses_names_that_are_not_bare) {
    put("healthy");
    for (const char* name : {"", "healthy.so", "../plugins/healthy", "/etc/passwd", "Healthy", "-rf", "a b", "healthy\n"})
        expect_message(refused(name), "PLUGIN_NAME_INVALID", "is not the name of a plugin");
    EXPECT_FALSE(read(std::string(65, 'a')));
    expect_message(refused(std::string(64, 'a')), "PLUGIN_FILE_MISSING", "there is no plugin");
}

TEST_F(PathPolicy, offers_the_nearest_name_for_a_missing_file) {
    put("healthy");
    const Error error = refused("helthy");
    expect_message(error, "PLUGIN_FILE_MISSING", "there is no plugin 'helthy' in");
    EXPECT_EQ(error.hint, "did you mean 'healthy'?");
}

TEST_F(PathPolicy, names_a_missing_folder) {
    const auto file = read_plugin(root() / "nowhere", want("healthy"));
    ASSERT_FALSE(file);
    expect_message(file.error(), "PLUGIN_DIRECTORY_MISSING", "nowhere");
}

TEST_F(PathPolicy, refuses_a_file_that_others_may_write) {
    const fs::path path = put("healthy");
    for (const mode_t mode : {0664U, 0646U, 0666U}) {
        ::chmod(path.c_str(), mode);
        const Error error = refused("healthy");
        expect_message(error, "PLUGIN_PERMISSION", "can be written by group or others");
        EXPECT_EQ(error.hint, "chmod go-w " + path.string());
    }
    ::chmod(path.c_str(), 0755);
    EXPECT_TRUE(read("healthy"));
}

TEST_F(PathPolicy, refuses_a_folder_that_others_may_write_sticky_or_not) {
    put("healthy");
    for (const mode_t mode : {0777U, 0775U, 01777U}) {
        ::chmod(plugins().c_str(), mode);
        expect_message(refused("healthy"), "PLUGIN_PERMISSION", "the folder " + plugins().string() + " can be written");
    }
}

TEST_F(PathPolicy, refuses_an_open_parent_but_takes_a_sticky_one) {
    put("healthy");
    ::chmod(root().c_str(), 0777);
    expect_message(refused("healthy"), "PLUGIN_PERMISSION", "the folder " + root().string() + " can be written");
    ::chmod(root().c_str(), 01777);
    EXPECT_TRUE(read("healthy"));
}

TEST_F(PathPolicy, follows_a_link_inside_the_folder_and_refuses_one_that_leads_out) {
    put("healthy", "healthy-1");
    fs::create_symlink("healthy-1.so", plugins() / "inside.so");
    EXPECT_TRUE(read("inside"));
    fs::copy_file(kZoo / "healthy.so", root() / "elsewhere.so");
    fs::create_symlink("../elsewhere.so", plugins() / "outside.so");
    expect_message(refused("outside"), "PLUGIN_PATH_OUTSIDE", "is a link to " + (root() / "elsewhere.so").string());
    fs::create_directory(root() / "plugins-too");
    fs::copy_file(kZoo / "healthy.so", root() / "plugins-too" / "healthy.so");
    fs::create_symlink("../plugins-too/healthy.so", plugins() / "neighbour.so");
    expect_message(refused("neighbour"), "PLUGIN_PATH_OUTSIDE", "plugins-too");
}

TEST_F(PathPolicy, refuses_what_is_no_regular_file) {
    fs::create_directory(plugins() / "folder.so");
    expect_message(refused("folder"), "PLUGIN_FILE_IRREGULAR", "is not a regular file");
    ASSERT_EQ(::mkfifo((plugins() / "pipe.so").c_str(), 0644), 0);
    expect_message(refused("pipe"), "PLUGIN_FILE_IRREGULAR", "is not a regular file");
}

TEST_F(PathPolicy, takes_the_pinned_digest_and_no_other) {
    const fs::path path = put("healthy");
    const std::string digest = to_hex(*sha256_file(path.string()));
    EXPECT_TRUE(read("healthy", digest));
    std::string other = digest;
    other.back() = other.back() == '0' ? '1' : '0';
    const Error error = refused("healthy", other);
    expect_message(error, "PLUGIN_DIGEST_MISMATCH", "has the SHA-256 " + digest + ", but " + other + " is pinned");
}

TEST_F(PathPolicy, refuses_a_file_one_byte_past_the_limit) {
    const fs::path path = put("healthy");
    fs::resize_file(path, limits::plugin_file_bytes_max);
    EXPECT_TRUE(read("healthy"));
    fs::resize_file(path, limits::plugin_file_bytes_max + 1);
    expect_message(refused("healthy"), "PLUGIN_FILE_TOO_LARGE", "67108865 bytes");
}

}  // namespace
}  // namespace stemma
