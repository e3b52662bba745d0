/* Built twice: two files, one id. */
#define ANIMAL_NAME "twin"
#include "animal.h"
