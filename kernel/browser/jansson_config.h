/* jansson's answers to what its configure asks, for emscripten: see its jansson_config.h.in. */
#pragma once

#define JSON_INLINE inline
#define JSON_INTEGER_IS_LONG_LONG 1
#define JSON_HAVE_LOCALECONV 0 /* struct lconv is libc's; numbers are written in the C locale */
#define JSON_HAVE_ATOMIC_BUILTINS 0
#define JSON_HAVE_SYNC_BUILTINS 0
#define JSON_PARSER_MAX_DEPTH 2048
