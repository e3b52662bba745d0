/* Says that it has nine numbers and refuses the fifth. */
#define ANIMAL_NAME "breaks-off"
#include "stemma/plugin/abi.h"
static stm_status format(const stm_plugin* plugin, uint32_t scheme, const stm_format_request* request, const stm_sink* sink) {
    static const stm_text refusal = {"no more", 7};
    char number[2] = {'A', '0'};
    const stm_text out = {number, 2};
    (void)plugin, (void)scheme;
    if (request->counter > 4) {
        sink->error(sink->ctx, refusal);
        return STM_REFUSED;
    }
    number[1] = (char)('0' + request->counter);
    sink->text(sink->ctx, out);
    return STM_OK;
}
#define ANIMAL_FORMAT format
#include "animal.h"
