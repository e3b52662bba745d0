// A plugin folder and a state folder of the test's own, filled with animals of the zoo, and the configuration that wants them.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/config/schema.hpp"
#include "core/config/tree.hpp"
#include "core/plugin_host/generation.hpp"
#include "core/plugin_host/plugin_host.hpp"
#include "core/plugin_host/wanted.hpp"

namespace stemma {

namespace fs = std::filesystem;

inline const fs::path kZoo = fs::path(STEMMA_BINARY_DIR) / "zoo";

/// Options as app hands them over: YAML text with its places, checked by core/config.
inline WantedPlugin want(const std::string& name, const std::string& options_yaml = "{}", const std::string& place = "stemma.yaml:3:5") {
    auto tree = config::read_yaml_text(options_yaml, "stemma.yaml");
    EXPECT_TRUE(tree) << tree.error().text();
    WantedPlugin wanted;
    wanted.name = name;
    wanted.place = place;
    wanted.options_json = config::to_json(tree->root());
    wanted.check_options = [tree = *tree](std::string_view schema_json) -> std::vector<Error> {
        const auto schema = config::Schema::compile(schema_json, "the plugin");
        if (!schema) return {schema.error()};
        return schema->check(tree.root(), "options");
    };
    return wanted;
}

class PluginFolder : public testing::Test {
protected:
    PluginFolder() {
        std::string pattern = (fs::temp_directory_path() / "stemma-test-XXXXXX").string();
        root_ = ::mkdtemp(pattern.data());
        fs::create_directory(plugins());
        ::chmod(plugins().c_str(), 0755);
    }
    ~PluginFolder() override { fs::remove_all(root_); }

    [[nodiscard]] const fs::path& root() const { return root_; }
    [[nodiscard]] fs::path plugins() const { return root_ / "plugins"; }
    [[nodiscard]] fs::path state() const { return root_ / "state"; }

    /// Puts an animal into the plugin folder, under its own or another name.
    fs::path put(const std::string& animal, std::string as = {}) const {
        if (as.empty()) as = animal;
        const fs::path to = plugins() / (as + ".so");
        fs::copy_file(kZoo / (animal + ".so"), to, fs::copy_options::overwrite_existing);
        ::chmod(to.c_str(), 0644);
        return to;
    }
    [[nodiscard]] HostSettings settings() const {
        HostSettings out;
        out.directory = plugins();
        out.state_directory = state();
        out.checker = fs::path(STEMMA_BINARY_DIR) / "bin" / "stemma-plugin-check";
        return out;
    }
    /// Loads the animals that are in the folder.
    [[nodiscard]] Result<std::unique_ptr<PluginHost>> start(const std::vector<WantedPlugin>& wanted) const {
        return PluginHost::start(settings(), wanted);
    }
    /// The refusal that wanting these plugins gets.
    [[nodiscard]] Error refusal(const std::vector<WantedPlugin>& wanted) const {
        auto host = start(wanted);
        EXPECT_FALSE(host) << "it was loaded";
        return host ? Error{} : host.error();
    }
    [[nodiscard]] Error refusal(const std::string& animal) const {
        put(animal);
        return refusal({want(animal)});
    }

private:
    fs::path root_;
};

/// Text, and the message id in brackets at its end.
inline void expect_message(const Error& error, const std::string& id, const std::string& text) {
    EXPECT_TRUE(error.message.ends_with(" [" + id + "]")) << error.text();
    EXPECT_NE(error.message.find(text), std::string::npos) << error.text();
}

}  // namespace stemma
