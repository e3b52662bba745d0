/* Shows a function besides its entry; linked without the version script. */
#define ANIMAL_NAME "extra-export"
#include "animal.h"
__attribute__((visibility("default"))) int tokenize(void);
int tokenize(void) { return 0; }
