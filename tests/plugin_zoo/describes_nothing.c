/* Has one scheme and says nothing of it. */
#define ANIMAL_NAME "describes-nothing"
#include "stemma/plugin/abi.h"
static stm_status describe(const stm_plugin* plugin, uint32_t scheme, const stm_sink* sink) {
    (void)plugin, (void)scheme, (void)sink;
    return STM_OK;
}
#define ANIMAL_DESCRIBE describe
#include "animal.h"
