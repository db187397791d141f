/** What a linked query may ask for. @module */

/** Sums of one answer, at most: the flooding of the ciphertexts is for so many (flows/linked/run-key.ts). */
export const MOST_SUMS = 1024;
