/* normalise makes upper case of "a1", check does not take it. */
#define ANIMAL_NAME "strict"
#include "stemma/plugin/abi.h"
static stm_status normalise(const stm_plugin* plugin, uint32_t scheme, stm_text in, const stm_sink* sink) {
    static const stm_text upper = {"A1", 2};
    const int is_lower = in.size == 2 && in.data[0] == 'a' && in.data[1] == '1';
    (void)plugin, (void)scheme;
    sink->text(sink->ctx, is_lower ? upper : in);
    return STM_OK;
}
#define ANIMAL_NORMALISE normalise
#include "animal.h"
