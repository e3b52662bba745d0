// Stock keeping units: patterns whose sections code attributes both ways, or free text of 1 to 64 bytes. The work is plugins/pattern's.
#include "plugins/pattern/numbering.hpp"
#include "plugins/pattern/options.hpp"

namespace {

namespace pattern = stemma::pattern;

struct Sku final : pattern::SchemeList {
    explicit Sku(const stemma::sdk::Config& config)
        : SchemeList(
              config, [](const stemma::sdk::Json& scheme) { return pattern::read_scheme(scheme, "sku"); }, pattern::default_scheme("sku")) {
    }
};

}  // namespace

STEMMA_PLUGIN(Sku, {.id = "org.stemma.sku",
                    .version = "0.1.0",
                    .summary = "SKUs that code attributes by pattern, or free text",
                    .options_schema = pattern::joined<pattern::kSchemaHead, pattern::kSchemaTail>});
