/* Wants an option of its own, and only that. */
#define ANIMAL_NAME "bad-options"
#define ANIMAL_SCHEMA                                                                                                                  \
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"width\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9," \
    "\"description\":\"Digits\"}}}"
#include "animal.h"
