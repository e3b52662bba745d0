#define ANIMAL_NAME "fails-self-check"
#include "stemma/plugin/abi.h"
static stm_status self_check(const stm_plugin* plugin, const stm_sink* sink) {
    static const stm_text why = {"two and two are five", 20};
    (void)plugin;
    sink->error(sink->ctx, why);
    return STM_FAILED;
}
#define ANIMAL_SELF_CHECK self_check
#include "animal.h"
