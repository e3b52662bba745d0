#define ANIMAL_NAME "aborts"
#include <stdlib.h>

#include "stemma/plugin/abi.h"
static stm_status self_check(const stm_plugin* plugin, const stm_sink* sink) {
    (void)plugin, (void)sink;
    abort();
}
#define ANIMAL_SELF_CHECK self_check
#include "animal.h"
