#define ANIMAL_NAME "wrong-major"
#define ANIMAL_MAJOR 7
#include "animal.h"
