// A plugin's shared object, called over the C table as a host would: enough to test what the thin plugin files do with their inputs.
// The real loader, its checks and its limits are core/plugin_host's.
#pragma once

#include <dlfcn.h>

#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stemma/plugin/sdk.hpp"

namespace stemma::border {

using Row = std::vector<sdk::Value>;

/// An input table or a fact; owns all that its C form points to.
struct TableData {
    std::string name;
    std::vector<std::string> args;
    std::vector<std::pair<std::string, sdk::Type>> columns;
    std::vector<Row> rows;
};

/// Everything a call put into the sink.
struct Given {
    std::string error;
    std::string text;
    std::vector<std::string> schemes;
    std::vector<std::string> sections;                                       // "name=value"
    std::vector<std::string> rules;                                          // ids
    std::vector<std::pair<std::string, std::vector<std::string>>> requests;  // fact, arguments
    std::vector<sdk::Finding> findings;
    std::map<std::string, sdk::Value> answers;
    std::vector<std::string> reasons;
    std::map<std::string, std::vector<std::map<std::string, sdk::Value>>> tables;
    std::vector<std::pair<std::string, sdk::Attributes>> events;
    std::vector<std::string> transitions;  // "from>command>to"
    std::pair<std::string, sdk::Attributes> state;
    std::vector<stm_result> results;
};

class Plugin {
public:
    /// Throws std::runtime_error with the plugin's own words when it cannot be made.
    Plugin(const std::string& file, const std::string& options, const std::vector<sdk::DataFile>& data = {});
    ~Plugin();
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;

    [[nodiscard]] const stm_info& info() const { return *entry_->info; }
    [[nodiscard]] std::string self_check() const;  ///< "" or what does not hold

    [[nodiscard]] Given scheme(std::uint32_t index) const;
    [[nodiscard]] stm_check_result check(std::uint32_t scheme, std::string_view number) const;
    [[nodiscard]] Given decode(std::uint32_t scheme, std::string_view number) const;
    [[nodiscard]] Given rules() const;
    [[nodiscard]] Given explain(std::string_view rule) const;
    [[nodiscard]] Given workflow() const;
    [[nodiscard]] Given apply(const std::string& state, const sdk::Attributes& fields, const std::string& event,
                              const sdk::Attributes& told) const;

    enum class Decision { judge, assess, act };
    [[nodiscard]] Given plan(Decision what, const std::vector<TableData>& tables, const std::vector<TableData>& facts,
                             std::int64_t as_of_us) const;
    [[nodiscard]] Given decide(Decision what, const std::vector<TableData>& tables, const std::vector<TableData>& facts,
                               std::int64_t as_of_us) const;

private:
    template <class Table>
    [[nodiscard]] const Table& table(const char* id) const {
        const void* found = entry_->capability(plugin_, id);
        if (found == nullptr) throw std::runtime_error(std::string("the plugin does not offer ") + id);
        return *static_cast<const Table*>(found);
    }

    void* library_{nullptr};
    const stm_entry* entry_{nullptr};
    stm_plugin* plugin_{nullptr};
};

}  // namespace stemma::border
