// Serial numbers: patterns from the options, or free text of 1 to 64 bytes. The work is plugins/pattern's.
#include "plugins/pattern/numbering.hpp"
#include "plugins/pattern/options.hpp"

namespace {

namespace pattern = stemma::pattern;

struct Serial final : pattern::SchemeList {
    explicit Serial(const stemma::sdk::Config& config)
        : SchemeList(
              config, [](const stemma::sdk::Json& scheme) { return pattern::read_scheme(scheme, "serial"); },
              pattern::default_scheme("serial")) {}
};

}  // namespace

STEMMA_PLUGIN(Serial, {.id = "org.stemma.serial",
                       .version = "0.1.0",
                       .summary = "Serial numbers by pattern, or free text",
                       .options_schema = pattern::joined<pattern::kSchemaHead, pattern::kSchemaTail>});
