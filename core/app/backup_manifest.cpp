#include "core/app/backup_manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <set>
#include <utility>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/ledger/json_read.hpp"
#include "core/ledger/json_write.hpp"

namespace stemma::app {
namespace {

namespace fs = std::filesystem;
using Role = BackupFile::Role;

constexpr JsonLimits kManifestLimits{kManifestBytesMax, 8, 10 * kBackupFilesMax};
constexpr mode_t kModeMax = 07777;

constexpr std::array kRoles{
    std::pair{Role::store, std::string_view{"store"}},
    std::pair{Role::checkpoint, std::string_view{"checkpoint"}},
    std::pair{Role::public_key, std::string_view{"public key"}},
    std::pair{Role::signing_key, std::string_view{"signing key"}},
    std::pair{Role::kept_plugin, std::string_view{"kept plugin"}},
    std::pair{Role::settings, std::string_view{"settings"}},
    std::pair{Role::mapping, std::string_view{"mapping"}},
    std::pair{Role::data, std::string_view{"plugin data"}},
};

Result<Role> role_from(std::string_view name) {
    for (const auto& [role, text] : kRoles)
        if (text == name) return role;
    return fail(Errc::invalid_input, fmt::format("'{}' is no kind of file of a backup", clip(name)));
}

void write_strings(json::Writer& out, std::string_view name, const std::vector<std::string>& texts) {
    out.list(name, texts, [&](const std::string& text) { out.string(text); });
}

void write_file(json::Writer& out, const BackupFile& file) {
    out.begin_object();
    out.field("path", file.path);
    out.field("role", to_string(file.role));
    out.field("place", file.place);
    out.field("mode", fmt::format("{:04o}", file.mode));
    out.number("bytes", file.bytes);
    out.field("sha256", file.sha256);
    out.end_object();
}

bool is_place(const std::string& text) {
    const fs::path path{text};
    return path.is_absolute() && path.lexically_normal() == path && path.has_filename();
}

void read_place(json::Reading& reading, json::Fields& fields, std::string_view name, std::string& out) {
    fields.need(name, out);
    if (!reading.refused() && !is_place(out)) reading.refuse("the place is no plain absolute path", {}, name);
}

void read_digest(json::Reading& reading, std::string_view name, const std::string& hex) {
    if (!reading.refused() && !digest_from_hex(hex)) reading.refuse("the digest is not 64 lower-case hexadecimal digits", {}, name);
}

BackupFile read_file(json::Reading& reading, const json::Node& node) {
    json::Fields fields{reading, node};
    BackupFile file;
    std::string mode;
    fields.need("path", file.path);
    fields.require("role");
    fields.choose("role", file.role, role_from);
    read_place(reading, fields, "place", file.place);
    fields.need("mode", mode);
    fields.require("bytes");
    fields.read("bytes", file.bytes);
    fields.need("sha256", file.sha256);
    fields.done();
    read_digest(reading, "sha256", file.sha256);
    if (!reading.refused() && !stays_inside(file.path)) reading.refuse("the path leads out of the backup", {}, "path");
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(mode.data(), mode.data() + mode.size(), bits, 8);
    if (!reading.refused() && (error != std::errc{} || end != mode.data() + mode.size() || bits > kModeMax))
        reading.refuse("the mode is not four octal digits", {}, "mode");
    file.mode = bits;
    return file;
}

BackupPlugin read_plugin(json::Reading& reading, const json::Node& node) {
    json::Fields fields{reading, node};
    BackupPlugin plugin;
    fields.need("name", plugin.name);
    fields.require("enabled");
    fields.read("enabled", plugin.enabled);
    fields.read("sha256", plugin.sha256);
    fields.read("data", plugin.data);
    fields.done();
    if (!plugin.sha256.empty()) read_digest(reading, "sha256", plugin.sha256);
    return plugin;
}

/// What one file alone does not show: each path once, and one of each of the files that a ledger cannot be without.
void check_whole(json::Reading& reading, const Manifest& manifest) {
    if (reading.refused()) return;
    if (manifest.files.size() > kBackupFilesMax)
        return reading.refuse(fmt::format("there are more than {} files", kBackupFilesMax), {}, "files");
    std::set<std::string> paths{kManifestFile, kSumsFile};
    for (const BackupFile& file : manifest.files)
        if (!paths.insert(file.path).second) return reading.refuse(fmt::format("'{}' is named twice", clip(file.path)), {}, "files");
    for (const auto& [role, path] : {std::pair{Role::store, kBackupStore}, std::pair{Role::public_key, kBackupPublicKey}}) {
        const BackupFile* file = manifest.find(role);
        if (file == nullptr || file->path != path)
            return reading.refuse(fmt::format("there is no {} at '{}'", to_string(role), path), {}, "files");
    }
    if ((manifest.find(Role::checkpoint) != nullptr) != (manifest.size > 0))
        return reading.refuse("a ledger with entries has a checkpoint, and no other has one", {}, "files");
}

}  // namespace

std::string_view to_string(Role role) noexcept {
    for (const auto& [one, text] : kRoles)
        if (one == role) return text;
    return "file";
}

bool stays_inside(std::string_view path) {
    const fs::path given{path};
    if (!is_clean_utf8(path) || std::ranges::any_of(path, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\\'; }))
        return false;
    return !path.empty() && given.is_relative() && given.has_filename() && given.lexically_normal().native() == path &&
           std::ranges::none_of(given, [](const fs::path& step) { return step == "." || step == ".."; });
}

std::string manifest_text(const Manifest& manifest) {
    json::Writer out;
    out.begin_object();
    out.number("format", kBackupFormat);
    out.field("stemma", manifest.version);
    out.field("madeAt", format_instant(manifest.made_at));
    out.key("ledger");
    out.begin_object();
    out.field("origin", manifest.origin);
    out.field("key", manifest.public_key);
    out.number("size", manifest.size);
    out.field("root", manifest.root);
    out.field("checkpoint", manifest.checkpoint);
    out.end_object();
    out.field("settingsFile", manifest.settings_file);
    out.field("stateFolder", manifest.state_folder);
    out.field("pluginFolder", manifest.plugin_folder);
    write_strings(out, "mappingFolders", manifest.mapping_folders);
    out.list("plugins", manifest.plugins, [&](const BackupPlugin& plugin) {
        out.begin_object();
        out.field("name", plugin.name);
        out.key("enabled");
        out.raw(plugin.enabled ? "true" : "false");
        out.field("sha256", plugin.sha256);
        write_strings(out, "data", plugin.data);
        out.end_object();
    });
    write_strings(out, "missing", manifest.missing);
    out.list("files", manifest.files, [&](const BackupFile& file) { write_file(out, file); });
    out.end_object();
    return out.take() + "\n";
}

Result<Manifest> read_manifest(std::string_view text) {
    const auto tree = json::parse(text, kManifestLimits);
    if (!tree) return std::unexpected(tree.error());
    json::Reading reading;
    json::Fields fields{reading, *tree};
    Manifest manifest;
    std::uint64_t format = 0;
    fields.require("format");
    fields.read("format", format);
    if (!reading.refused() && format > kBackupFormat)
        return fail(Errc::config, fmt::format("the backup has format {}, this program knows {} at most", format, kBackupFormat),
                    kManifestFile, "use the program that made it, or a newer one");
    fields.need("stemma", manifest.version);
    fields.read("madeAt", manifest.made_at);
    fields.require("ledger");
    fields.with("ledger", [&](const json::Node& node) {
        json::Fields ledger{reading, node};
        ledger.need("origin", manifest.origin);
        ledger.need("key", manifest.public_key);
        ledger.require("size");
        ledger.read("size", manifest.size);
        ledger.need("root", manifest.root);
        ledger.read("checkpoint", manifest.checkpoint);
        ledger.done();
        read_digest(reading, "root", manifest.root);
    });
    read_place(reading, fields, "settingsFile", manifest.settings_file);
    read_place(reading, fields, "stateFolder", manifest.state_folder);
    read_place(reading, fields, "pluginFolder", manifest.plugin_folder);
    fields.read("mappingFolders", manifest.mapping_folders);
    fields.each("plugins", [&](const json::Node& node) { manifest.plugins.push_back(read_plugin(reading, node)); });
    fields.read("missing", manifest.missing);
    fields.each("files", [&](const json::Node& node) { manifest.files.push_back(read_file(reading, node)); });
    fields.done();
    check_whole(reading, manifest);
    if (reading.refused()) return std::unexpected(std::move(reading).error());
    return manifest;
}

std::string sums_text(const Manifest& manifest, std::string_view manifest_text) {
    std::string out = fmt::format("{}  {}\n", to_hex(sha256(manifest_text)), kManifestFile);
    for (const BackupFile& file : manifest.files) out += fmt::format("{}  {}\n", file.sha256, file.path);
    return out;
}

}  // namespace stemma::app
