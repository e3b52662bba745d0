// What the shipped rule packs cost per event, through the plugin's C table as the host calls it: a million events planned and judged with
// their facts at hand, beside a bare scan that only reads each cell of the same events.
#include <dlfcn.h>
#include <fmt/format.h>

#include <deque>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/config/tree.hpp"
#include "stemma/plugin/sdk.hpp"
#include "tests/bench/bench.hpp"

namespace stemma::bench {
namespace {

constexpr std::size_t kDistinct = 4'096;  // events in memory; each is judged again and again
constexpr std::size_t kBatch = 256;       // inputs of one call
constexpr std::size_t kEvents = 1'048'576;
constexpr std::int64_t kNow = 1'893'456'000'000'000;  // 2030-01-01: every pack is in force

using sdk::c_text;

stm_cell text_cell(std::string_view text) { return {static_cast<std::uint8_t>(text.empty() ? 1 : 0), {}, 0, c_text(text)}; }
stm_cell time_cell(std::int64_t us) { return {0, {}, us, {}}; }
stm_cell quantity_cell(std::int64_t micros, std::string_view unit) { return {0, {}, micros, c_text(unit)}; }

/// Events with their facts as the host lays them out; owns all of it.
class Events {
public:
    Events() {
        for (std::size_t i = 0; i < kDistinct; ++i) add(i);
        for (const stm_input& input : inputs_) pointers_.push_back(&input);
    }
    [[nodiscard]] const stm_input* const* batch(std::size_t first) const { return pointers_.data() + first; }
    [[nodiscard]] const std::deque<stm_input>& inputs() const { return inputs_; }

private:
    using Columns = std::vector<stm_column>;

    static stm_column column(const char* name, stm_type type = STM_TEXT) { return {c_text(name), type, 0}; }
    std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

    const stm_table* table(std::string_view name, const Columns& columns, std::vector<stm_cell> cells, std::string_view argument = {}) {
        const std::vector<stm_cell>& kept = cells_.emplace_back(std::move(cells));
        const stm_text* args = argument.empty() ? nullptr : &args_.emplace_back(c_text(argument));
        return &tables_.emplace_back(stm_table{sizeof(stm_table), static_cast<std::uint32_t>(columns.size()), c_text(name), columns.data(),
                                               kept.size() / columns.size(), kept.data(), args, argument.empty() ? 0U : 1U});
    }

    /// A third is shipped, a third received; of the rest most meet no rule. One product in four is of a kind that some pack is about.
    void add(std::size_t i) {
        static const Columns kEvent{column("event_id"),   column("type"),        column("action"),
                                    column("biz_step"),   column("disposition"), column("event_time", STM_TIME_US),
                                    column("from_place"), column("place"),       column("from_party"),
                                    column("party"),      column("document")};
        static const Columns kItems{column("item"), column("product"), column("kind"), column("role"), column("quantity", STM_QUANTITY)};
        static const Columns kNamed{column("name"), column("value")};
        static const Columns kIdentity{column("scheme"), column("value")};
        static const Columns kProduct{column("product"), column("sku"), column("name"), column("category"), column("tracking")};
        static const Columns kDates{column("made_at", STM_TIME_US), column("expiry", STM_TIME_US), column("best_before", STM_TIME_US),
                                    column("received_at", STM_TIME_US)};
        static const Columns kHolds{column("case"), column("workflow"), column("since", STM_TIME_US), column("reason"), column("stage")};
        static constexpr const char* kSteps[] = {"shipping", "receiving", "storing", "shipping", "receiving", "commissioning"};
        static constexpr const char* kCategories[] = {"components", "components", "components", "food",       "components", "components",
                                                      "components", "firearm",    "components", "components", "components", "implant"};
        const auto item = keep(fmt::format("urn:stemma:erp:lot:{}", i));
        const auto product = keep(fmt::format("urn:stemma:erp:product:{}", i % 97));
        const char* from = "urn:stemma:erp:party:1";
        const char* to = "urn:stemma:erp:party:2";
        std::vector<const stm_table*>& tables = lists_.emplace_back();
        tables.push_back(table("event", kEvent,
                               {text_cell(keep(fmt::format("urn:stemma:erp:move:{}", i))), text_cell("ObjectEvent"), text_cell("OBSERVE"),
                                text_cell(kSteps[i % 6]), text_cell("in_transit"), time_cell(kNow), text_cell("urn:stemma:erp:place:1"),
                                text_cell("urn:stemma:erp:place:2"), text_cell(from), text_cell(to), text_cell("urn:stemma:erp:doc:1")}));
        tables.push_back(
            table("event.items", kItems,
                  {text_cell(item), text_cell(product), text_cell("lot"), text_cell("object"), quantity_cell(5'000'000, "KGM")}));
        std::vector<const stm_table*>& facts = lists_.emplace_back();
        facts.push_back(table("item.identity", kIdentity, {text_cell("lot"), text_cell("L-17")}, item));
        facts.push_back(
            table("item.product", kProduct,
                  {text_cell(product), text_cell("SKU"), text_cell("Product"), text_cell(kCategories[i % 12]), text_cell("lot")}, item));
        facts.push_back(table("item.attributes", kNamed, {text_cell("batch"), text_cell("B-17")}, item));
        facts.push_back(table("product.attributes", kNamed, {text_cell("manufacturer"), text_cell("Acme")}, product));
        facts.push_back(table("item.dates", kDates, {time_cell(kNow), time_cell(kNow), time_cell(kNow), time_cell(kNow)}, item));
        for (const char* none :
             {"item.holds", "case.open", "item.milestones", "item.lots", "item.status", "item.history", "item.sold_at", "item.repairs"})
            facts.push_back(table(none, kHolds, {}, item));
        for (const char* party : {from, to})
            facts.push_back(table("party.attributes", kNamed, {text_cell("country"), text_cell("DE")}, party));
        for (const char* place : {"urn:stemma:erp:place:1", "urn:stemma:erp:place:2"})
            facts.push_back(table("place.attributes", kNamed, {text_cell("country"), text_cell("DE")}, place));
        inputs_.push_back({sizeof(stm_input), 0, kNow, tables.size(), tables.data(), facts.size(), facts.data()});
    }

    std::deque<std::string> texts_;
    std::deque<std::vector<stm_cell>> cells_;
    std::deque<stm_text> args_;
    std::deque<stm_table> tables_;
    std::deque<std::vector<const stm_table*>> lists_;
    std::deque<stm_input> inputs_;
    std::vector<const stm_input*> pointers_;
};

/// Every cell of the event's own tables, or of its facts as well.
std::uint64_t scan(const stm_input& input, bool facts) {
    std::uint64_t sum = 0;
    const auto add = [&](const stm_table& table) {
        for (std::size_t i = 0; i < table.n_rows * table.n_columns; ++i) {
            const stm_cell& cell = table.cells[i];
            if (cell.is_null == 0)
                sum += static_cast<std::uint64_t>(cell.i) + (cell.t.size > 0 ? static_cast<unsigned char>(cell.t.data[0]) : 0U);
        }
    };
    for (std::size_t i = 0; i < input.n_tables; ++i) add(*input.tables[i]);
    for (std::size_t i = 0; facts && i < input.n_facts; ++i) add(*input.facts[i]);
    return sum;
}

struct Heard {
    std::uint64_t rules{0}, requests{0}, findings{0};
    std::string error;
};

/// The compliance plugin with all shipped packs.
class RulesPlugin {
public:
    RulesPlugin() {
        void* library = dlopen(STEMMA_BUILD_DIR "/plugins/compliance.so", RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) throw std::runtime_error(dlerror());
        entry_ = reinterpret_cast<const stm_entry* (*)()>(dlsym(library, "stm_plugin_entry_v1"))();
        sink_.size = sizeof(stm_sink);
        sink_.ctx = &heard_;
        sink_.error = [](void* ctx, stm_text text) { static_cast<Heard*>(ctx)->error = sdk::view(text); };
        sink_.rule = [](void* ctx, const stm_rule*) { ++static_cast<Heard*>(ctx)->rules; };
        sink_.request = [](void* ctx, const stm_request*) { ++static_cast<Heard*>(ctx)->requests; };
        sink_.finding = [](void* ctx, const stm_finding*) { ++static_cast<Heard*>(ctx)->findings; };
        std::deque<std::string> texts;
        std::vector<stm_data_file> files;
        for (const auto& found : std::filesystem::directory_iterator(STEMMA_SOURCE_DIR "/config/rules")) {
            const auto tree = config::read_yaml_file(found.path());
            if (!tree) throw std::runtime_error(tree.error().text());
            const std::string& name = texts.emplace_back(found.path().filename().string());
            const std::string& content = texts.emplace_back(config::to_json(tree->root()));
            files.push_back({sizeof(stm_data_file), 0, c_text("rule_pack"), c_text(name), c_text(""), c_text(content)});
        }
        std::vector<const stm_data_file*> pointers;
        for (const stm_data_file& file : files) pointers.push_back(&file);
        static constexpr auto kLog = [](void*, std::int32_t, stm_text) {};
        static constexpr auto kService = [](void*, const char*) -> const void* { return nullptr; };
        const stm_host host{sizeof(stm_host), STM_ABI_MAJOR, STM_ABI_MINOR, nullptr, kLog, kService};
        if (entry_->create(&host, c_text("{}"), pointers.data(), pointers.size(), &sink_, &plugin_) != STM_OK)
            throw std::runtime_error(heard_.error);
        rules_ = static_cast<const stm_rules*>(entry_->capability(plugin_, STM_RULES_ID));
        (void)rules_->describe(plugin_, &sink_);
    }
    ~RulesPlugin() { entry_->destroy(plugin_); }
    RulesPlugin(const RulesPlugin&) = delete;
    RulesPlugin& operator=(const RulesPlugin&) = delete;

    void judge_all(const Events& events) {
        std::vector<stm_result> results(kBatch);
        for (std::size_t i = 0; i < kEvents; i += kBatch) {
            const stm_input* const* batch = events.batch(i % kDistinct);
            if (rules_->plan(plugin_, batch, kBatch, &sink_) != STM_OK ||
                rules_->judge(plugin_, batch, kBatch, results.data(), &sink_) != STM_OK)
                throw std::runtime_error(heard_.error);
        }
    }
    [[nodiscard]] const Heard& heard() const { return heard_; }

private:
    const stm_entry* entry_{nullptr};
    const stm_rules* rules_{nullptr};
    stm_plugin* plugin_{nullptr};
    stm_sink sink_{};
    Heard heard_;
};

}  // namespace

void bench_rules(const RunOptions& options, Report& report) {
    const Events events;
    RulesPlugin plugin;
    volatile std::uint64_t sum = 0;  // so that the scan is not taken out
    const auto scan_all = [&](bool facts) {
        for (std::size_t i = 0; i < kEvents; ++i) sum = sum + scan(events.inputs()[i % kDistinct], facts);
    };
    Case measured{
        "rules", "a million events, planned and judged through the plugin's C table", "event",
        interleave({{kOurs, [&](std::size_t) { plugin.judge_all(events); }, {}, static_cast<double>(kEvents)},
                    {"bare scan of the events' cells", [&](std::size_t) { scan_all(false); }, {}, static_cast<double>(kEvents)},
                    {"bare scan of the events and their facts", [&](std::size_t) { scan_all(true); }, {}, static_cast<double>(kEvents)}},
                   Rounds{options.rounds, false})};
    report.fact("rules in force", static_cast<double>(plugin.heard().rules), "rules");
    report.fact("events judged in a second", 1e9 / find(measured, kOurs).cpu().median, "events");
    const double passes = static_cast<double>(find(measured, kOurs).rounds.size()) * static_cast<double>(kEvents);
    report.fact("findings in a thousand events", 1e3 * static_cast<double>(plugin.heard().findings) / passes, "findings");
    report.fact("facts asked for in vain, in a thousand events", 1e3 * static_cast<double>(plugin.heard().requests) / passes, "requests");
    report.add(std::move(measured));
}

}  // namespace stemma::bench
