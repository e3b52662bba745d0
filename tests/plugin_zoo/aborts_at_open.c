/* Its constructor runs before anything can be asked of it. */
#define ANIMAL_NAME "aborts-at-open"
#include <stdlib.h>

#include "animal.h"
__attribute__((constructor)) static void at_open(void) { abort(); }
