#include "core/config/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "core/config/file_io.hpp"
#include "core/config/layers.hpp"
#include "core/config/schema.hpp"
#include "core/config/settings_reader.hpp"
#include "core/config/wording.hpp"
#include "embedded/config.hpp"

namespace stemma::config {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> environment(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return std::string{value};
}

bool is_there(const fs::path& path) {
    std::error_code ec;
    return fs::exists(path, ec) && !fs::is_directory(path, ec);
}

/// The conf.d files in order of their names. A name that looks meant but would not be read is an error, not a surprise.
std::vector<fs::path> conf_files(const fs::path& main_file, const Draft* draft, std::vector<Error>& errors) {
    const fs::path folder = conf_folder(main_file);
    std::vector<fs::path> files;
    std::error_code ec;
    for (fs::directory_iterator at{folder, ec}, end; !ec && at != end; at.increment(ec)) {
        const std::string name = at->path().filename().string();
        if (name.starts_with('.')) continue;
        if (name.ends_with(".yml"))
            errors.push_back(Error{Errc::config, "only files named *.yaml are read here", at->path().string(), "rename it"});
        else if (name.ends_with(".yaml"))
            files.push_back(folder / name);
    }
    if (ec && ec != std::errc::no_such_file_or_directory)
        errors.push_back(Error{Errc::config, "cannot be read: " + ec.message(), folder.string(), {}});
    if (draft != nullptr && draft->file != main_file && std::ranges::find(files, draft->file) == files.end()) files.push_back(draft->file);
    std::ranges::sort(files);
    if (files.size() > kConfFilesMax) {
        errors.push_back(
            Error{Errc::too_large, fmt::format("{} files; at most {} are read", files.size(), kConfFilesMax), folder.string(), {}});
        files.clear();
    }
    return files;
}

/// One file with its references resolved; an empty one is an empty map. Mistakes are appended.
std::optional<Node> read_layer(const fs::path& file, const Draft* draft, std::vector<Error>& errors) {
    auto tree = draft != nullptr && draft->file == file ? read_yaml_text(draft->text, file.string()) : read_yaml_file(file);
    if (!tree) {
        errors.push_back(std::move(tree).error());
        return std::nullopt;
    }
    const Node& root = tree->root();
    if (root.is_null()) return Node::map(root.mark(), {}, {});
    if (!root.is_map()) {
        errors.push_back(type_error(root, {}, std::array{Wanted::map}));
        return std::nullopt;
    }
    check_names(root, errors);
    return resolve_references(root, errors);
}

const Result<Schema>& compiled_schema() {
    static const Result<Schema> schema = Schema::compile(settings_schema(), "stemma.yaml");
    return schema;
}

}  // namespace

fs::path conf_folder(const fs::path& main_file) { return main_file.parent_path() / "conf.d"; }

std::string_view settings_schema() noexcept { return embedded::config::stemma_schema_json(); }

Result<fs::path> find_settings_file(const std::optional<fs::path>& given) {
    if (given) {
        if (is_there(*given)) return *given;
        return fail(Errc::not_found, "there is no such settings file", given->string());
    }
    if (const auto named = environment("STEMMA_CONFIG")) {
        if (is_there(*named)) return fs::path{*named};
        return fail(Errc::not_found, "there is no such settings file, but $STEMMA_CONFIG names it", *named);
    }
    std::vector<fs::path> places{"stemma.yaml"};
    if (const auto folder = environment("XDG_CONFIG_HOME"))
        places.push_back(fs::path{*folder} / "stemma" / "stemma.yaml");
    else if (const auto home = environment("HOME"))
        places.push_back(fs::path{*home} / ".config" / "stemma" / "stemma.yaml");
    places.emplace_back("/etc/stemma/stemma.yaml");
    std::string tried;
    for (const fs::path& place : places) {
        if (is_there(place)) return place;
        tried += (tried.empty() ? "" : ", ") + place.string();
    }
    return fail(Errc::not_found, "no settings file was found; looked for " + tried, {}, "name one with --config FILE");
}

Checked<Settings> load_settings(const fs::path& file, const Draft* draft) {
    std::vector<Error> errors;
    std::vector<fs::path> files = conf_files(file, draft, errors);
    files.insert(files.begin(), file);
    Node merged = Node::map(Mark{std::make_shared<const std::string>(file.string()), 1, 1}, {}, {});
    for (const fs::path& layer : files)
        if (const auto node = read_layer(layer, draft, errors)) merged = merge(merged, *node);
    if (!errors.empty()) return std::unexpected(std::move(errors));

    const Result<Schema>& schema = compiled_schema();
    if (!schema) return std::unexpected(std::vector{schema.error()});
    errors = schema->check(merged);
    if (!errors.empty()) return std::unexpected(std::move(errors));

    Settings settings = read_settings(merged, errors);
    if (!errors.empty()) return std::unexpected(std::move(errors));
    settings.file = file;
    settings.files = std::move(files);
    return settings;
}

}  // namespace stemma::config
