// The domain's tables as the ABI wants them: views into the inputs, no text is copied.
// The inputs must outlive this object; a plugin sees it during one call only.
#pragma once

#include <deque>
#include <span>
#include <vector>

#include "core/ports/plugin_catalog.hpp"
#include "stemma/plugin/abi.h"

namespace stemma {

[[nodiscard]] inline stm_text to_c(std::string_view text) noexcept { return {text.data(), text.size()}; }

/// Decision inputs in C.
class CInputs {
public:
    /// Errors: Errc::internal when a row has another width or a value another type than its column says.
    [[nodiscard]] static Result<CInputs> from(std::span<const DecisionInput> inputs);

    [[nodiscard]] const stm_input* const* data() const noexcept { return pointers_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return pointers_.size(); }

private:
    struct Table {
        std::vector<stm_column> columns;
        std::vector<stm_cell> cells;
        std::vector<stm_text> args;
        stm_table c{};
    };
    struct Input {
        std::vector<const stm_table*> tables;
        std::vector<const stm_table*> facts;
        stm_input c{};
    };

    CInputs() = default;
    [[nodiscard]] Result<const stm_table*> add(const FactTable& table);
    [[nodiscard]] Result<void> add(const DecisionInput& input);

    std::deque<Table> tables_;  // deques: what is pointed to stays where it is
    std::deque<Input> inputs_;
    std::vector<const stm_input*> pointers_;
};

/// Named texts in C.
class CAttributes {
public:
    explicit CAttributes(const Attributes& attributes);
    [[nodiscard]] const stm_attribute* data() const noexcept { return items_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }

private:
    std::vector<stm_attribute> items_;
};

}  // namespace stemma
