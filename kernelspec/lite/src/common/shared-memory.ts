/**
 * The memory that page and worker share.
 *
 *   int32[INTERRUPT]  0, or the number of the last request that the page had sent when the user
 *                     clicked stop: an interrupt is for that request and the ones before it
 *   int32[STATE]      who may touch the text: EMPTY while the worker waits, then PART or LAST
 *   int32[LENGTH]     bytes of the text in this part
 *   bytes             a part of the answer's JSON text, UTF-8
 *
 * The page writes the text while STATE is EMPTY, the worker reads it while it is not.
 */
export const INTERRUPT = 0;
export const STATE = 1;
export const LENGTH = 2;
const WORDS = 4;
const CAPACITY = 1 << 16;

export const EMPTY = 0;
export const PART = 1;
export const LAST = 2;

/** Views of a shared memory. */
export interface SharedMemory {
  words: Int32Array;
  text: Uint8Array;
}

/** A new memory; `capacity` is how many bytes go over at once. */
export function newSharedMemory(capacity = CAPACITY): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS * 4 + capacity);
}

/** Looks at a memory that newSharedMemory has made. */
export function viewSharedMemory(memory: SharedArrayBuffer): SharedMemory {
  return { words: new Int32Array(memory, 0, WORDS), text: new Uint8Array(memory, WORDS * 4) };
}
