// What the tests of core/config share: a temporary folder with files, and errors as the lines a person reads.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/config/tree.hpp"

namespace stemma::config {

/// Removed with everything in it at the end of the test.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "stemma-config-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    std::filesystem::path write(std::string_view name, std::string_view text) const {
        const std::filesystem::path file = path_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file, std::ios::binary} << text;
        return file;
    }

private:
    std::filesystem::path path_;
};

inline std::string read_all(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// The message of a text that must be refused, as `file:line:column: message (hint)`, the file being "t.yaml".
inline std::string refusal(std::string_view text) {
    const auto tree = read_yaml_text(text, "t.yaml");
    return tree ? "accepted: " + to_json(tree->root()) : tree.error().text();
}

/// The root of a text that must be accepted.
inline Node root_of(std::string_view text) {
    auto tree = read_yaml_text(text, "t.yaml");
    EXPECT_TRUE(tree) << (tree ? "" : tree.error().text());
    return tree ? tree->root() : Node{};
}

/// Each error as one line; paths below `folder` shortened to what follows it.
inline std::vector<std::string> lines_of(const std::vector<Error>& errors, const std::filesystem::path& folder = {}) {
    std::vector<std::string> lines;
    for (const Error& error : errors) {
        std::string line = error.text();
        const std::string prefix = folder.string() + "/";
        for (std::size_t at = line.find(prefix); !folder.empty() && at != std::string::npos; at = line.find(prefix))
            line.erase(at, prefix.size());
        lines.push_back(line);
    }
    return lines;
}

}  // namespace stemma::config
