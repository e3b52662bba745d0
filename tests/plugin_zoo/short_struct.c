/* Its entry says it is shorter than the first entry there ever was. */
#define ANIMAL_NAME "short-struct"
#define ANIMAL_ENTRY_SIZE (sizeof(stm_entry) - 8)
#include "animal.h"
