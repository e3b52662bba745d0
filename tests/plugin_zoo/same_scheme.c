/* Another id than healthy, the same scheme. */
#define ANIMAL_NAME "same-scheme"
#define ANIMAL_SCHEME "healthy"
#include "animal.h"
