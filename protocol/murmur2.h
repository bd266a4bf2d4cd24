/*
 * MurmurHash2, which makes a cell's file name of its code. Jupyter's debugger computes the same
 * name from hashMethod ("Murmur2") and hashSeed of debugInfo.
 *
 * Threads: any. Source: A. Appleby's MurmurHash2 (public domain), 32 bits, little-endian;
 * ipykernel.compiler for the seed.
 */
#pragma once

#include "protocol/bytes.h"

#include <stdint.h>

#define MURMUR2_SEED UINT32_C(0xc70f6907)

uint32_t murmur2(struct span data, uint32_t seed);
