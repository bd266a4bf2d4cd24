/* As jansson_config.h, for what only jansson's own files ask. */
#pragma once

#define HAVE_STDINT_H 1
#define INITIAL_HASHTABLE_ORDER 3
