#include "plugins/warranty/policy.hpp"

#include <algorithm>

namespace stemma::warranty {
namespace {

struct BasisForm {
    Basis basis;
    std::string_view name;
    std::string_view milestone;
};
constexpr std::array<BasisForm, kBases> kForms{{
    {Basis::ship, "ship", "shipped"},
    {Basis::sale, "sale", "sold"},
    {Basis::delivery, "delivery", "delivered"},
    {Basis::invoice, "invoice", "invoiced"},
    {Basis::installation, "installation", "installed"},
    {Basis::registration, "registration", "registered"},
    {Basis::first_use, "first_use", "first_use"},
    {Basis::manufacture, "manufacture", "made"},
    {Basis::receipt, "receipt", "received"},
}};

}  // namespace

std::string_view to_string(Kind kind) noexcept {
    switch (kind) {
        case Kind::statutory: return "statutory";
        case Kind::commercial: return "commercial";
        case Kind::component: return "component";
        case Kind::supplier: return "supplier";
    }
    return "commercial";
}

std::string_view to_string(Basis basis) noexcept { return kForms[static_cast<std::size_t>(basis)].name; }
std::string_view milestone_of(Basis basis) noexcept { return kForms[static_cast<std::size_t>(basis)].milestone; }

std::optional<Basis> basis_of(std::string_view name) noexcept {
    const auto* found = std::ranges::find(kForms, name, &BasisForm::name);
    return found == kForms.end() ? std::nullopt : std::optional{found->basis};
}

std::optional<Basis> basis_of_milestone(std::string_view kind) noexcept {
    const auto* found = std::ranges::find(kForms, kind, &BasisForm::milestone);
    return found == kForms.end() ? std::nullopt : std::optional{found->basis};
}

}  // namespace stemma::warranty
