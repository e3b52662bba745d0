#define ANIMAL_NAME "newer-minor"
#define ANIMAL_MINOR (STM_ABI_MINOR + 1)
#include "animal.h"
