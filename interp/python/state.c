#include "interp/python/state.h"

static struct python the_python;

struct python *python_state(void) { return &the_python; }

struct interp_host *python_host(void) { return the_python.base.host; }

bool python_is_attached(void) { return python_host() && !atomic_load(&the_python.detached); }

void python_detach(void) { atomic_store(&the_python.detached, true); }
