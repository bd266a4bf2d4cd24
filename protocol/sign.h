/*
 * Signatures of messages, and the table of signatures seen.
 * Source: "Messaging in Jupyter", section "The Wire Protocol"; RFC 2104 (HMAC).
 *
 * Threads: one at a time. Nothing blocks.
 */
#pragma once

#include "protocol/bytes.h"

struct signer;

enum { SIGN_FRAMES = 4, SIGN_HEX_MAX = 128, SIGN_SEEN_MAX = 65535 };

/* `scheme` is "hmac-sha256" or "hmac-sha512"; an empty key means unsigned, under any of the two.
 * -EOPNOTSUPP: unknown scheme. -EIO: libsodium does not start. -ENOMEM. */
MUST_CHECK int signer_new(struct span scheme, struct span key, struct signer **ret);
void signer_free(struct signer *self); /* wipes the key; accepts NULL */
void signer_freep(struct signer **self);

/* Writes the lower-case hex digest of header, parent, metadata and content, and returns its length:
 * 64, 128, or 0 when unsigned. */
size_t signer_sign(const struct signer *self, const struct span frames[SIGN_FRAMES],
                   char ret_hex[SIGN_HEX_MAX]);

/*
 * Compares in constant time, and only then looks the digest up and stores it: an outsider can not
 * fill the table. The table holds the last SIGN_SEEN_MAX signatures.
 * -EACCES: wrong signature. -EEXIST: seen before (a replay).
 */
MUST_CHECK int signer_verify(struct signer *self, struct span hex,
                             const struct span frames[SIGN_FRAMES]);
