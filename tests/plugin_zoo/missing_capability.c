/* Says it offers rules and does not. */
#define ANIMAL_NAME "missing-capability"
#define ANIMAL_CAPABILITY STM_RULES_ID
#include "animal.h"
