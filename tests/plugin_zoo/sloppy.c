/* Loads and answers, but breaks properties: normalise adds a letter each time, every number is the same, a late counter is not refused. */
#define ANIMAL_NAME "sloppy"
#include <string.h>

#include "stemma/plugin/abi.h"
static stm_status normalise(const stm_plugin* plugin, uint32_t scheme, stm_text in, const stm_sink* sink) {
    char longer[9000];
    const stm_text out = {longer, in.size + 1};
    (void)plugin, (void)scheme;
    if (in.size >= sizeof(longer)) return STM_FAILED;
    if (in.size > 0) memcpy(longer, in.data, in.size);
    longer[in.size] = 'x';
    sink->text(sink->ctx, out);
    return STM_OK;
}
static stm_status format(const stm_plugin* plugin, uint32_t scheme, const stm_format_request* request, const stm_sink* sink) {
    static const stm_text always = {"A7", 2};
    (void)plugin, (void)scheme, (void)request;
    sink->text(sink->ctx, always);
    return STM_OK;
}
#define ANIMAL_NORMALISE normalise
#define ANIMAL_FORMAT format
#include "animal.h"
