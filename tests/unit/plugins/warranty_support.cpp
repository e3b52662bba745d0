#include "tests/unit/plugins/warranty_support.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "core/base/time.hpp"
#include "core/config/tree.hpp"
#include "plugins/warranty/policy_file.hpp"

namespace stemma::warranty::test {
namespace {

const std::filesystem::path kSource{STEMMA_SOURCE_DIR};

Unit& unit_at(Facts& facts, std::size_t index) {
    while (facts.chain.size() <= index) facts.chain.push_back({"U" + std::to_string(facts.chain.size()), {}, {}, {}, {}});
    return facts.chain[index];
}

void add_repair(Unit& unit, const std::string& value) {
    const std::size_t slash = value.find('/');
    Repair repair{moment(value.substr(0, slash)), {}, "case"};
    unit.milestones.push_back({"repair_started", repair.started, "", ""});
    if (slash + 1 < value.size()) {
        repair.ended = moment(value.substr(slash + 1));
        unit.milestones.push_back({"repair_ended", *repair.ended, "", ""});
    }
    unit.repairs.push_back(repair);
}

void add_milestone(Unit& unit, const std::string& kind, const std::string& value) {
    const std::size_t at = value.find('@');
    unit.milestones.push_back({kind, moment(value.substr(0, at)), at == std::string::npos ? "buyer" : value.substr(at + 1), ""});
}

void add_part(Facts& facts, const std::string& value) {
    std::istringstream words(value);
    std::string sku, day, replaced;
    std::getline(words, sku, ':');
    std::getline(words, day, ':');
    std::getline(words, replaced, ':');
    facts.components.push_back({sku, "urn:product:" + sku, sku, day.empty() ? std::nullopt : std::optional{moment(day)}, replaced});
}

}  // namespace

Moment moment(std::string_view text) {
    if (const auto day = day_from(text)) return {day->time_since_epoch().count() * 86'400'000'000LL, true};
    const auto written = parse_time(text);
    if (!written) throw std::runtime_error(std::string(text) + ": " + written.error().message);
    return {written->instant.us, false};
}

Facts facts(std::string_view notation, std::string_view as_of) {
    Facts out;
    (void)unit_at(out, 0);
    std::istringstream words{std::string(notation)};
    std::vector<std::string> markets;
    for (std::string word; words >> word;) {
        std::size_t index = 0;
        if (word.size() > 2 && word[1] == '.') {
            index = static_cast<std::size_t>(word[0] - '0');
            word.erase(0, 2);
        }
        const std::string name = word.substr(0, word.find('='));
        const std::string value = word.substr(word.find('=') + 1);
        Unit& unit = unit_at(out, index);
        if (name == "repair")
            add_repair(unit, value);
        else if (name == "part")
            add_part(out, value);
        else if (name == "market")
            markets.resize(std::max(markets.size(), index + 1)), markets[index] = value;
        else if (name == "buyer")
            out.buyer_kinds["buyer"] = value;
        else if (name == "category")
            out.category = value;
        else if (name.starts_with("attr."))
            unit.attributes[name.substr(5)] = value;
        else if (name == "replaces" || name == "replaced_by")
            unit.swaps.push_back({name == "replaces", name == "replaces" ? "U" + std::to_string(index + 1) : "V", moment(value)});
        else
            add_milestone(unit, name, value);
    }
    for (std::size_t i = 0; i < markets.size(); ++i)
        for (Milestone& milestone : unit_at(out, i).milestones) milestone.market = markets[i];
    if (out.chain.size() > kChainMax) out.chain.resize(kChainMax);
    const Moment at = moment(as_of);
    out.as_of_us = at.us + (at.date_only ? 43'200'000'000LL : 0);
    return out;
}

std::string json_of(const std::filesystem::path& file) {
    const auto tree = config::read_yaml_file(file);
    if (!tree) throw std::runtime_error(tree.error().text());
    return config::to_json(tree->root());
}

std::vector<Policy> policies_in(const std::filesystem::path& file) {
    std::vector<Policy> out;
    read_policies(file.filename().string(), json_of(file), out);
    return out;
}

std::vector<Policy> policies_of(const std::string& yaml) {
    const auto tree = config::read_yaml_text(yaml, "own.yaml");
    if (!tree) throw std::runtime_error(tree.error().text());
    std::vector<Policy> out;
    read_policies("own.yaml", config::to_json(tree->root()), out);
    return out;
}

const std::vector<Policy>& shipped() {
    static const std::vector<Policy> kAll = [] {
        std::vector<Policy> all;
        for (const char* name : {"eu-statutory.yaml", "markets.yaml", "commercial.yaml"})
            read_policies(name, json_of(kSource / "config/warranty" / name), all);
        return all;
    }();
    return kAll;
}

std::vector<Policy> chosen(std::string_view names) {
    static const std::vector<Policy> kOwn = policies_in(kSource / "tests/unit/plugins/warranty_truth.yaml");
    std::vector<Policy> out;
    std::istringstream words{std::string(names)};
    for (std::string word; words >> word;) {
        if (word == "shipped") {
            out.insert(out.end(), shipped().begin(), shipped().end());
            continue;
        }
        const auto found = std::ranges::find(kOwn, word, &Policy::id);
        if (found == kOwn.end()) throw std::runtime_error("no policy " + word);
        out.push_back(*found);
    }
    return out;
}

}  // namespace stemma::warranty::test
