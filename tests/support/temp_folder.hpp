// A folder of the test's own, gone with the object.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace stemma::test {

class TempFolder {
public:
    TempFolder() {
        std::string made = (std::filesystem::temp_directory_path() / "stemma-test-XXXXXX").string();
        if (mkdtemp(made.data()) != nullptr) path_ = made;
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    ~TempFolder() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }  ///< "" when it could not be made
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

}  // namespace stemma::test
