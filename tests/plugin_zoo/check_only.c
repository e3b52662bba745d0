/* Right, but writes no numbers: every format is refused. */
#define ANIMAL_NAME "check-only"
#include "stemma/plugin/abi.h"
static stm_status format(const stm_plugin* plugin, uint32_t scheme, const stm_format_request* request, const stm_sink* sink) {
    static const stm_text refusal = {"these numbers come from elsewhere", 33};
    (void)plugin, (void)scheme, (void)request;
    sink->error(sink->ctx, refusal);
    return STM_REFUSED;
}
#define ANIMAL_FORMAT format
#include "animal.h"
