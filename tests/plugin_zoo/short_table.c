/* Its numbering table is a function short. */
#define ANIMAL_NAME "short-table"
#define ANIMAL_TABLE_SIZE (sizeof(stm_numbering) - sizeof(void*))
#include "animal.h"
