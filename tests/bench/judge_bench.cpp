// What a POST of one event costs before it is written: the JSON is read, the event held to its form, a rule judges it. Without HTTP and
// without the writer, whose costs have benches of their own.
#include <fmt/format.h>

#include <stdexcept>
#include <vector>

#include "core/engine/judge.hpp"
#include "core/ledger/codec_parts.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/ledger.hpp"
#include "tests/bench/posts.hpp"

namespace stemma::bench {
namespace {

constexpr std::size_t kEvents = 2'000;  // in a round
constexpr std::uint32_t kItems = 100;   // more than a post names
constexpr Instant kNow{1'893'456'000 * kMicrosPerSecond};

/// Asks for no fact, looks at every item of the event.
class LooksAtItems final : public Rules {
public:
    [[nodiscard]] const PluginInfo& plugin() const override { return info_; }
    [[nodiscard]] const std::vector<RuleInfo>& rules() const override { return rules_; }
    [[nodiscard]] Result<std::vector<std::vector<FactRequest>>> plan(std::span<const DecisionInput> inputs) const override {
        return std::vector<std::vector<FactRequest>>(inputs.size());
    }
    [[nodiscard]] Result<std::vector<Verdict>> judge(std::span<const DecisionInput> inputs) const override {
        std::vector<Verdict> verdicts(inputs.size());
        for (std::size_t i = 0; i < inputs.size(); ++i)
            for (const FactTable& table : inputs[i].tables)
                if (table.name == "event.items" && table.rows.empty()) verdicts[i].outcome = Outcome::refused;
        return verdicts;
    }
    [[nodiscard]] Result<std::string> explain(std::string_view) const override { return std::string{"an event names items"}; }

private:
    PluginInfo info_{"org.stemma.bench", "bench", "1", {}, {}, {}, {}, {}, {}, {}, {}};
    std::vector<RuleInfo> rules_;
};

class OneRule final : public PluginSet {
public:
    [[nodiscard]] std::uint64_t generation() const override { return 1; }
    [[nodiscard]] const std::vector<PluginInfo>& plugins() const override { return infos_; }
    [[nodiscard]] const std::vector<const NumberScheme*>& schemes() const override { return schemes_; }
    [[nodiscard]] const std::vector<const Rules*>& rules() const override { return rules_; }
    [[nodiscard]] const std::vector<const Assessment*>& assessments() const override { return assessments_; }
    [[nodiscard]] const std::vector<const Workflow*>& workflows() const override { return workflows_; }
    [[nodiscard]] const std::vector<const Report*>& reports() const override { return reports_; }

private:
    LooksAtItems rule_;
    std::vector<PluginInfo> infos_;
    std::vector<const NumberScheme*> schemes_;
    std::vector<const Rules*> rules_{&rule_};
    std::vector<const Assessment*> assessments_;
    std::vector<const Workflow*> workflows_;
    std::vector<const Report*> reports_;
};

/// As the event's route and the step "capture" do it.
Event read_event(const std::string& text, const engine::Limits& limits) {
    const Result<json::Node> tree = json::parse(text, JsonLimits{limits.event_bytes_max, JsonLimits{}.depth_max, JsonLimits{}.values_max});
    if (!tree) throw std::runtime_error(tree.error().text());
    json::Reading reading;
    Event event;
    json::read(reading, *tree, event);
    if (reading.refused()) throw std::runtime_error(std::move(reading).error().text());
    if (const auto checked = check_event(event, kNow, limits.event); !checked) throw std::runtime_error(checked.error().text());
    return event;
}

/// As an ERP's sync would record the items that the posts name.
void record_items(LedgerUnderTest& ledger) {
    engine::Capture command{"user:bench", "", "", {}};
    for (std::uint32_t item = 0; item < kItems; ++item)
        command.records.emplace_back(Master{Item{ItemId{test::item_name(item)},
                                                 ItemKind::lot,
                                                 ProductId{"urn:bench:product:1"},
                                                 {{"lot", fmt::format("L-{:08}", item)}},
                                                 {{"itemExpirationDate", "2031-01-31"}}}});
    const auto receipt = ledger.capturing().capture(std::move(command));
    if (!receipt || !receipt->recorded) throw std::runtime_error("the items were not recorded");
}

}  // namespace

void bench_judge(const RunOptions& options, Report& report) {
    LedgerUnderTest empty{options.scratch + "/judge"};
    LedgerUnderTest filled{options.scratch + "/judge-master"};
    record_items(filled);
    const engine::Limits limits;
    const OneRule plugins;
    Posts posts;
    std::vector<std::string> texts;
    const auto prepare = [&](std::size_t) {
        texts.clear();
        for (std::size_t i = 0; i < kEvents; ++i) texts.push_back(posts.next());
    };
    const auto parse = [&](std::size_t) {
        for (const std::string& text : texts) (void)read_event(text, limits);
    };
    const auto judge_in = [&](LedgerUnderTest& ledger) {
        auto snapshot = ledger.store().read();
        if (!snapshot) throw std::runtime_error(snapshot.error().text());
        for (const std::string& text : texts) {
            const Event event = read_event(text, limits);
            engine::FactReader reader{**snapshot, ledger.index().position(), limits};
            const auto judged = engine::judge_event(plugins, event, engine::Standing::commanded, kNow, reader);
            if (!judged) throw std::runtime_error(judged.error().text());
        }
    };
    const std::string parsed = "stemma, parsed and validated";
    Case measured{
        "judge", "a 1 KiB event before it is written", "event",
        interleave(
            {{kOurs, [&](std::size_t) { judge_in(empty); }, {}, static_cast<double>(kEvents), prepare},
             {"stemma, each item with master data", [&](std::size_t) { judge_in(filled); }, {}, static_cast<double>(kEvents), prepare},
             {parsed, parse, {}, static_cast<double>(kEvents), prepare}},
            Rounds{options.rounds, false})};
    const double ours = find(measured, kOurs).cpu().median;
    report.add(Goal{
        "G12", "POST of a 1 KiB event, parsed, validated and judged: at most 20 µs CPU", ours / 1e3, 20, false, duration(ours), "",
        fmt::format(
            "without HTTP and without the write; a rule that asks for no fact, items without master data; {} of it to parse and validate",
            duration(find(measured, parsed).cpu().median))});
    report.add(std::move(measured));
}

}  // namespace stemma::bench
