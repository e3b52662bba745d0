/* Nothing is wrong with it: what the others are compared with. Built twice, as version 1.0.0 and 2.0.0, for reloads. */
#define ANIMAL_NAME "healthy"
#include "animal.h"
