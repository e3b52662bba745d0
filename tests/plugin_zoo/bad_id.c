/* Its id is no reversed domain. */
#define ANIMAL_NAME "bad-id"
#define ANIMAL_ID "Serial Numbers"
#include "animal.h"
