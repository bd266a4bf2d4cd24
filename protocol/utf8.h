/*
 * UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF.
 *
 * Needs libc only. Threads: any. Source: The Unicode Standard 15, section 3.9, table 3-7.
 */
#pragma once

#include "protocol/bytes.h"

/*
 * Looks at the first character of `text`, which must not be empty. True: it is well-formed. False:
 * a maximal ill-formed part stands there, to be replaced by one U+FFFD. *ret_len is its length in
 * bytes, 1 to 4, either way.
 */
bool utf8_step(struct span text, size_t *ret_len);

/* Writes the code point, which must be a scalar value, and returns its length, 1 to 4. */
size_t utf8_encode(unsigned long code_point, char ret_text[4]);
