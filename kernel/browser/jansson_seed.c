/*
 * Takes the place of jansson's hashtable_seed.c, which asks libc for the time: time_t is not the
 * same in this compiler's libc and in Pyodide's.
 */
#include "kernel/browser/system.h"

#include <jansson.h>

extern volatile uint32_t hashtable_seed; /* jansson's hashtable.c reads it */
volatile uint32_t hashtable_seed;

void json_object_seed(size_t seed)
{
    uint32_t value = (uint32_t)seed;
    if (hashtable_seed)
        return;
    while (!value)
        system_random(&value, sizeof value);
    hashtable_seed = value;
}
