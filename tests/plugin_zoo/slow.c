/* Takes a minute to check itself. */
#define ANIMAL_NAME "slow"
#include <unistd.h>

#include "stemma/plugin/abi.h"
static stm_status self_check(const stm_plugin* plugin, const stm_sink* sink) {
    (void)plugin, (void)sink;
    sleep(60);
    return STM_OK;
}
#define ANIMAL_SELF_CHECK self_check
#include "animal.h"
