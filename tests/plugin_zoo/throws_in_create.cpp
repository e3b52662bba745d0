// Refuses its options as an author does, by an exception in the constructor; the SDK carries the text to the operator.
#include <stdexcept>

#include "stemma/plugin/sdk.hpp"

namespace {

struct Thrower final : stemma::sdk::Rules {
    explicit Thrower(const stemma::sdk::Config&) { throw std::runtime_error("no rule pack was given"); }
    std::vector<stemma::sdk::Rule> rules() const override { return {}; }
    std::vector<stemma::sdk::FactRequest> facts_to_judge(const stemma::sdk::Input&) const override { return {}; }
    stemma::sdk::Judgement judge(const stemma::sdk::Input&) const override { return {}; }
    std::variant<std::string, stemma::sdk::Refused> explain(std::string_view) const override { return "nothing"; }
};

}  // namespace

STEMMA_PLUGIN(Thrower, {.id = "org.stemma.zoo.throws-in-create", .version = "1.0.0", .summary = "An animal of the zoo"});
