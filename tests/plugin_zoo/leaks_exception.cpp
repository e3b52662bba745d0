// Lets an exception cross the border, as only a plugin without the SDK can.
#include <stdexcept>

#include "stemma/plugin/abi.h"

static stm_status create(const stm_host*, stm_text, const stm_data_file* const*, size_t, const stm_sink*, stm_plugin**) {
    throw std::runtime_error("caught by nobody");
}
#define ANIMAL_NAME "leaks-exception"
#define ANIMAL_CREATE create
#include "animal.h"
