/* Fails at every format, which is no refusal. */
#define ANIMAL_NAME "cannot-format"
#include "stemma/plugin/abi.h"
static stm_status format(const stm_plugin* plugin, uint32_t scheme, const stm_format_request* request, const stm_sink* sink) {
    (void)plugin, (void)scheme, (void)request, (void)sink;
    return STM_FAILED;
}
#define ANIMAL_FORMAT format
#include "animal.h"
