#define ANIMAL_NAME "exits"
#include <unistd.h>

#include "stemma/plugin/abi.h"
static stm_status create(const stm_host* host, stm_text options, const stm_data_file* const* files, size_t n_files, const stm_sink* sink,
                         stm_plugin** out) {
    (void)host, (void)options, (void)files, (void)n_files, (void)sink, (void)out;
    _exit(3);
}
#define ANIMAL_CREATE create
#include "animal.h"
