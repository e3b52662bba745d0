// The host's tables as rules read them: cells are found by place, not by name, and compared where they stand; nothing is copied.
// Valid for one call.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "plugins/compliance/evaluate.hpp"
#include "stemma/plugin/sdk.hpp"

namespace stemma::compliance {

/// Nothing for an empty cell and for an empty text: facts say "" where there is nothing to say.
[[nodiscard]] inline std::optional<ValueView> view_of(const sdk::Cell& cell) {
    if (cell.is_null()) return std::nullopt;
    switch (cell.type()) {
        case sdk::Type::time_us: return ValueView{ValueType::day, day_of(cell.as_time_us()).count, {}};
        case sdk::Type::quantity: return ValueView{ValueType::amount, cell.micros(), cell.unit()};
        case sdk::Type::boolean: return ValueView{ValueType::text, 0, cell.as_flag() ? "true" : "false"};
        case sdk::Type::text: return cell.as_text().empty() ? std::nullopt : std::optional{ValueView{ValueType::text, 0, cell.as_text()}};
        case sdk::Type::int64: break;
    }
    constexpr std::int64_t kMillion = 1'000'000;
    const std::int64_t value = cell.as_integer();
    if (value > INT64_MAX / kMillion || value < INT64_MIN / kMillion) return std::nullopt;
    return ValueView{ValueType::number, value * kMillion, {}};
}

/// Where the columns of a vocabulary stand in a table. Looked for where the host puts them, else by name, when first needed.
template <std::size_t N>
class Columns {
public:
    Columns(const sdk::Table& table, const std::array<ColumnForm, N>& forms) : table_{table}, forms_{&forms} { at_.fill(kUnseen); }

    [[nodiscard]] const sdk::Table& table() const noexcept { return table_; }
    /// Nothing for an empty cell, an absent column or an absent row.
    [[nodiscard]] std::optional<ValueView> value(std::size_t row, std::size_t column) const {
        if (at_[column] == kUnseen) at_[column] = find(column);
        if (at_[column] == kAbsent || row >= table_.rows()) return std::nullopt;
        return view_of(table_.at(row, static_cast<std::size_t>(at_[column])));
    }
    [[nodiscard]] std::string_view text(std::size_t row, std::size_t column) const {
        const auto found = value(row, column);
        return found && found->type == ValueType::text ? found->text : std::string_view{};
    }

private:
    static constexpr int kUnseen = -1;
    static constexpr int kAbsent = -2;

    [[nodiscard]] int find(std::size_t column) const {
        if (column < table_.columns() && table_.column_name(column) == (*forms_)[column].name) return static_cast<int>(column);
        const auto found = table_.find_column((*forms_)[column].name);
        return found ? static_cast<int>(*found) : kAbsent;
    }

    sdk::Table table_;
    const std::array<ColumnForm, N>* forms_;
    mutable std::array<int, N> at_{};
};

/// The column of a fact: where the vocabulary has it, else by name.
[[nodiscard]] inline std::optional<std::size_t> column_of(const sdk::Table& fact, std::size_t likely, std::string_view name) {
    return likely < fact.columns() && fact.column_name(likely) == name ? std::optional{likely} : fact.find_column(name);
}

/// The facts of one input by name and arguments. A handful is looked through as it stands; an event may also have thousands of items.
class FactIndex {
public:
    explicit FactIndex(const sdk::Input& input) : input_{&input} {}

    [[nodiscard]] const sdk::Table* find(const FactForm& form, std::string_view argument, std::string_view second = {}) const {
        if (input_ != nullptr) read();
        const Key wanted{&form, argument, second};
        if (facts_.size() <= kLookedThrough) {
            const auto it = std::ranges::find(facts_, wanted, &Entry::key);
            return it == facts_.end() ? nullptr : &it->fact;
        }
        const auto it = std::ranges::lower_bound(facts_, wanted, {}, &Entry::key);
        return it == facts_.end() || it->key != wanted ? nullptr : &it->fact;
    }
    [[nodiscard]] const sdk::Table* find(std::string_view name, std::string_view argument) const {
        const FactForm* form = fact_form(name);
        return form == nullptr ? nullptr : find(*form, argument);
    }

private:
    static constexpr std::size_t kLookedThrough = 32;

    struct Key {
        const FactForm* form;
        std::string_view first, second;
        friend auto operator<=>(const Key&, const Key&) = default;
    };
    struct Entry {
        Key key;
        sdk::Table fact;
    };
    /// When the first fact is looked for: most events need none.
    void read() const {
        facts_.reserve(input_->facts());
        for (std::size_t i = 0; i < input_->facts(); ++i) {
            const sdk::Table fact = input_->fact(i);
            const FactForm* form = fact.args() == 0 ? nullptr : fact_form(fact.name());
            if (form == nullptr) continue;
            facts_.push_back({{form, fact.arg(0), fact.args() > 1 ? fact.arg(1) : std::string_view{}}, fact});
        }
        if (facts_.size() > kLookedThrough) std::ranges::sort(facts_, {}, &Entry::key);
        input_ = nullptr;
    }

    mutable const sdk::Input* input_;  ///< null once its facts were read
    mutable std::vector<Entry> facts_;
};

/// The event, its items and its facts: what is the same for all of an event's items.
struct EventTables {
    explicit EventTables(const sdk::Input& input)
        : event{input.table("event"), kEventColumns}, items{input.table("event.items"), kItemColumns}, facts{input} {}

    Columns<kEventColumns.size()> event;
    Columns<kItemColumns.size()> items;
    FactIndex facts;
};

/// An event and one row of its items, as an access (evaluate.hpp).
class RowAccess {
public:
    RowAccess(const EventTables& tables, std::size_t row) : tables_{&tables}, row_{row} {}

    template <class Visit>
    bool each(const Reference& what, Visit&& visit) const {
        if (what.source == Source::fact) return each_row(what, visit);
        if (const auto value = own(what)) (void)visit(*value);
        return true;
    }

    /// What the fact is to be asked with; the first is empty where there is nothing to ask about.
    [[nodiscard]] std::string_view argument(const Reference& what) const {
        switch (what.form->argument) {
            case Argument::item: return tables_->items.text(row_, kItem);
            case Argument::product: return tables_->items.text(row_, kProduct);
            case Argument::place: return tables_->event.text(0, what.from ? kFromPlace : kPlace);
            case Argument::party: return tables_->event.text(0, what.from ? kFromParty : kParty);
        }
        return {};
    }

    [[nodiscard]] std::string_view item_text(std::size_t column) const { return tables_->items.text(row_, column); }

    /// The text in the first row of a fact about the item, where there is one.
    [[nodiscard]] std::string_view name_in(std::string_view fact, std::string_view column) const {
        const sdk::Table* table = tables_->facts.find(fact, item_text(kItem));
        return table == nullptr || table->rows() == 0 ? std::string_view{} : table->at(0, column).text_or("");
    }

private:
    [[nodiscard]] std::optional<ValueView> own(const Reference& what) const {
        if (what.source == Source::event) return tables_->event.value(0, what.column_id);
        if (what.column_id != kUnit) return tables_->items.value(row_, what.column_id);
        const auto quantity = tables_->items.value(row_, kQuantity);
        return quantity && !quantity->text.empty() ? std::optional{ValueView{ValueType::text, 0, quantity->text}} : std::nullopt;
    }

    [[nodiscard]] static bool passes(const sdk::Table& fact, std::size_t row, const Filter& filter) {
        const auto column = column_of(fact, filter.column_id, filter.column);
        const auto value = column ? view_of(fact.at(row, *column)) : std::nullopt;
        return value && is_one_of(*value, filter.values);
    }

    template <class Visit>
    bool each_row(const Reference& what, Visit&& visit) const {
        const std::string_view about = argument(what);
        if (about.empty()) return true;  // an item without a product has no facts about it
        const sdk::Table* fact = tables_->facts.find(*what.form, about, what.second);
        if (fact == nullptr) return false;
        const auto column = column_of(*fact, what.column_id, what.column);
        if (!column) return true;
        for (std::size_t row = 0; row < fact->rows(); ++row) {
            if (!std::ranges::all_of(what.where, [&](const Filter& filter) { return passes(*fact, row, filter); })) continue;
            if (const auto value = view_of(fact->at(row, *column)); value && visit(*value)) break;
        }
        return true;
    }

    const EventTables* tables_;
    std::size_t row_;
};

/// A RowAccess as a Scene: for the words of a verdict, which are made for what is broken only.
class RowScene final : public Scene {
public:
    explicit RowScene(const RowAccess& access) : access_{&access} {}
    [[nodiscard]] std::optional<std::vector<Value>> values(const Reference& what) const override {
        std::vector<Value> out;
        const bool read = access_->each(what, [&](const ValueView& value) {
            out.push_back(owned(value));
            return false;
        });
        return read ? std::optional{std::move(out)} : std::nullopt;
    }

private:
    [[nodiscard]] static Value owned(const ValueView& value) {
        switch (value.type) {
            case ValueType::day: return Day{value.count};
            case ValueType::number: return Number{value.count};
            case ValueType::amount: return Amount{value.count, std::string(value.text)};
            case ValueType::text: break;
        }
        return std::string(value.text);
    }

    const RowAccess* access_;
};

}  // namespace stemma::compliance
