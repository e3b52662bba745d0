#define ANIMAL_NAME "fails-in-create"
#include "stemma/plugin/abi.h"
static stm_status create(const stm_host* host, stm_text options, const stm_data_file* const* files, size_t n_files, const stm_sink* sink,
                         stm_plugin** out) {
    static const stm_text why = {"the moon is not full", 20};
    (void)host, (void)options, (void)files, (void)n_files;
    *out = NULL;
    sink->error(sink->ctx, why);
    return STM_FAILED;
}
#define ANIMAL_CREATE create
#include "animal.h"
