#include "core/config/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
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

/// The sections that a client of the daemon does without; `daemon`, `state` and the others are what it goes by.
bool is_for_the_daemon_alone(std::string_view section) { return section == "erp" || section == "plugins" || section == "store"; }

/// The root with its references resolved: what fails is appended to `waiting` where it may wait, to `errors` else.
Node resolve_sections(const Node& root, std::vector<Error>& waiting, std::vector<Error>& errors) {
    std::vector<Node::Entry> entries;
    entries.reserve(root.entries().size());
    for (const Node::Entry& entry : root.entries()) {
        std::vector<Error>& failed = is_for_the_daemon_alone(entry.key) ? waiting : errors;
        entries.push_back(Node::Entry{entry.key, entry.key_mark, resolve_references(entry.value, failed)});
    }
    return Node::map(root.mark(), root.name(), std::move(entries));
}

/// One file with its references resolved; an empty one is an empty map. Mistakes are appended.
std::optional<Node> read_layer(const fs::path& file, const Draft* draft, std::vector<Error>& waiting, std::vector<Error>& errors) {
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
    return resolve_sections(root, waiting, errors);
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

Checked<Settings> load_settings(const fs::path& file, const Draft* draft, Unresolved unresolved) {
    std::vector<Error> errors;
    std::vector<Error> waiting;
    std::vector<fs::path> files = conf_files(file, draft, errors);
    files.insert(files.begin(), file);
    Node merged = Node::map(Mark{std::make_shared<const std::string>(file.string()), 1, 1}, {}, {});
    for (const fs::path& layer : files)
        if (const auto node = read_layer(layer, draft, unresolved == Unresolved::keep ? waiting : errors, errors))
            merged = merge(merged, *node);
    // A text that should have become a number is a mistake too; what it waits for is told with it.
    const auto refuse = [&] {
        waiting.insert(waiting.end(), std::make_move_iterator(errors.begin()), std::make_move_iterator(errors.end()));
        return std::unexpected(std::move(waiting));
    };
    if (!errors.empty()) return refuse();

    const Result<Schema>& schema = compiled_schema();
    if (!schema) return std::unexpected(std::vector{schema.error()});
    errors = schema->check(merged);
    if (!errors.empty()) return refuse();

    Settings settings = read_settings(merged, errors);
    if (!errors.empty()) return refuse();
    settings.unresolved = std::move(waiting);
    settings.file = file;
    settings.files = std::move(files);
    return settings;
}

}  // namespace stemma::config
