/* Its numbering table has a hole. */
#define ANIMAL_NAME "null-function"
#define ANIMAL_FORMAT NULL
#include "animal.h"
