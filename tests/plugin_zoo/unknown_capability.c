#define ANIMAL_NAME "unknown-capability"
#define ANIMAL_CAPABILITY "stm.prophecy/0"
#include "animal.h"
