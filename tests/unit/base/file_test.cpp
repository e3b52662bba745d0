// Files made whole or not at all, and folders of one's own.
#include "core/base/file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>

#include "tests/support/temp_folder.hpp"

namespace stemma {
namespace {

namespace fs = std::filesystem;

class NewFile : public testing::Test {
protected:
    [[nodiscard]] static std::string content(const fs::path& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    [[nodiscard]] auto files() const { return std::distance(fs::directory_iterator{folder.path()}, {}); }

    test::TempFolder folder;
    fs::path path{folder.file("new")};
};

TEST_F(NewFile, holds_all_bytes_and_the_mode_less_the_umask) {
    const mode_t before = ::umask(027);
    EXPECT_TRUE(make_file(path, std::string("a\0b", 3), 0644));
    ::umask(before);
    EXPECT_EQ(content(path), std::string("a\0b", 3));
    struct stat about {};
    ASSERT_EQ(::stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777U, 0640U);
    EXPECT_EQ(files(), 1);
}

TEST_F(NewFile, never_takes_the_place_of_another) {
    ASSERT_TRUE(make_file(path, "first", 0600));
    errno = 0;
    EXPECT_FALSE(make_file(path, "second", 0600));
    EXPECT_EQ(errno, EEXIST);
    EXPECT_EQ(content(path), "first");
    EXPECT_EQ(files(), 1);
}

TEST_F(NewFile, is_not_there_at_all_when_it_does_not_fit) {
    const auto usual = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlimit small{100, limit.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const bool fits = make_file(folder.file("fits"), std::string(100, 'x'), 0600);
    const bool too_long = make_file(path, std::string(101, 'x'), 0600);
    const int reason = errno;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    (void)std::signal(SIGXFSZ, usual);
    EXPECT_TRUE(fits);
    EXPECT_FALSE(too_long);
    EXPECT_EQ(reason, EFBIG);
    EXPECT_FALSE(fs::exists(path));
    EXPECT_EQ(files(), 1);
}

TEST_F(NewFile, needs_its_folder) {
    EXPECT_FALSE(make_file(folder.file("none/new"), "x", 0600));
    EXPECT_EQ(errno, ENOENT);
}

TEST_F(NewFile, is_read_up_to_the_size_asked_for) {
    ASSERT_TRUE(make_file(path, "12345", 0600));
    for (const auto& [size, wanted] : {std::pair{0, ""}, {4, "1234"}, {5, "12345"}, {6, "12345"}}) {
        const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
        EXPECT_EQ(read_up_to(file.get(), static_cast<std::size_t>(size)), wanted);
    }
    EXPECT_FALSE(read_up_to(-1, 1));
}

TEST(Descriptor, closes_what_it_owns_and_not_what_it_released) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    { const Descriptor reading{ends[0]}; }
    EXPECT_EQ(::fcntl(ends[0], F_GETFD), -1);
    {
        Descriptor writing{ends[1]};
        EXPECT_EQ(writing.release(), ends[1]);
        EXPECT_EQ(writing.get(), -1);
    }
    EXPECT_EQ(::close(ends[1]), 0);
}

class Scratch : public testing::Test {
protected:
    void SetUp() override { ::setenv("TMPDIR", folder.path().c_str(), 1); }
    void TearDown() override { ::unsetenv("TMPDIR"); }

    test::TempFolder folder;
};

TEST_F(Scratch, is_for_its_owner_alone_and_gone_in_the_end) {
    fs::path was;
    {
        const auto made = ScratchFolder::make("stemma-test");
        ASSERT_TRUE(made) << made.error().text();
        was = made->path();
        EXPECT_EQ(was.parent_path(), folder.path());
        struct stat about {};
        ASSERT_EQ(::stat(was.c_str(), &about), 0);
        EXPECT_EQ(about.st_mode & 07777U, 0700U);
        std::ofstream{was / "inside"} << "x";
        EXPECT_NE(ScratchFolder::make("stemma-test")->path(), was);
    }
    EXPECT_FALSE(fs::exists(was));
}

TEST_F(Scratch, fails_where_no_folder_can_be_made) {
    ::setenv("TMPDIR", folder.file("none").c_str(), 1);
    EXPECT_EQ(ScratchFolder::make("stemma-test").error().code, Errc::storage);
}

}  // namespace
}  // namespace stemma
