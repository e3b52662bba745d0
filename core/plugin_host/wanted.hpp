// What the configuration wants of the plugin host, as plain values: the host knows no YAML.
// app fills them from its settings; a place is text such as "stemma.yaml:12:5" and stands in every refusal.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

namespace stemma {

namespace limits {
inline constexpr std::size_t plugins_max = 64;                            ///< plugins of one set
inline constexpr std::size_t plugin_file_bytes_max = 64UL * 1024 * 1024;  ///< bytes of one .so
inline constexpr std::size_t plugin_data_bytes_max = 64UL * 1024 * 1024;  ///< bytes of all data files of one plugin
}  // namespace limits

/// A data file for a plugin, read by the configuration.
struct WantedData {
    std::string kind;        ///< one of the plugin's data kinds; empty = the only one it has
    std::string name;        ///< file name without folders
    std::string sha256_hex;  ///< of the file as it is on disk
    std::string content;     ///< YAML already as JSON, all else as it is
};

/// Checks the options against a plugin's JSON Schema (draft 7): every mistake with its place in the configuration.
using OptionsCheck = std::function<std::vector<Error>(std::string_view schema_json)>;

struct WantedPlugin {
    std::string name;                ///< bare: "serial" for serial.so in the plugin folder
    std::string options_json{"{}"};  ///< an object
    std::vector<WantedData> data;
    std::string sha256_pin;      ///< 64 hexadecimal digits the file must have; empty = not pinned
    std::string place;           ///< of the entry
    OptionsCheck check_options;  ///< must be set; called on the thread that loads
};

/// What becomes of code that no generation uses any more. Mapped code costs kilobytes, a stray function pointer costs a crash.
enum class Unload : unsigned char { never, after_use };

struct HostSettings {
    std::filesystem::path directory;                     ///< plugins.directory: the only folder plugins are taken from
    std::filesystem::path state_directory;               ///< gen-N/ and by-sha256/ are made in it; its parent must exist
    std::filesystem::path checker;                       ///< the program stemma-plugin-check
    std::chrono::milliseconds self_check_ms_max{2'000};  ///< longest self_check
    std::chrono::milliseconds stage_ms_max{10'000};      ///< longest of any other stage of the handshake (open, create, describe)
    std::chrono::milliseconds call_ms_slow{1'000};       ///< a call that takes longer is counted and logged; it cannot be stopped
    Unload unload{Unload::never};
};

}  // namespace stemma
