// Lot numbers: patterns from the options, or free text of 1 to 64 bytes; with custom attributes that are checked at issue.
#include "plugins/lot/options.hpp"
#include "plugins/pattern/numbering.hpp"
#include "plugins/pattern/options.hpp"

namespace {

namespace pattern = stemma::pattern;

struct Lot final : pattern::SchemeList {
    explicit Lot(const stemma::sdk::Config& config) : SchemeList(config, stemma::lot::read_lot_scheme, pattern::default_scheme("lot")) {}
};

}  // namespace

STEMMA_PLUGIN(Lot, {.id = "org.stemma.lot",
                    .version = "0.1.0",
                    .summary = "Lot numbers by pattern, or free text, with custom attributes",
                    .options_schema = pattern::joined<pattern::kSchemaHead, stemma::lot::kAttributesSchema, pattern::kSchemaTail>});
