/**
 * Negacyclic number-theoretic transform modulo one prime q < 2^28, and products of residues.
 * No imports but memory, no allocation; operands decide neither branches nor addresses: the only
 * branches are on n and on the size of q, which are public.
 *
 * Algorithm   Cooley-Tukey forward, Gentleman-Sande inverse with the powers of psi merged into the
 *             twiddles: Longa, Naehrig, "Speeding up the Number Theoretic Transform for Faster
 *             Ideal Lattice-Based Cryptography", ePrint 2016/504. Lazy butterflies: Harvey, "Faster
 *             arithmetic for number-theoretic transforms", J. Symb. Comp. 60 (2014).
 * Lanes       four residues of 32 bits a vector; two layers a pass, so that each value is loaded
 *             and stored once for two butterflies; the layers of strides 1 and 2 run on transposed
 *             4 x 4 blocks.
 * Table       [ w | w' | v | v' ], n words each: w[k] = psi^brv(k), v[k] = psi^-brv(k), and the
 *             Shoup companions x' = floor(x 2^32 / q). The transform has no use for entry 0, so
 *             that w[0] = psi^-brv(1) / n and v[0] = 1 / n: the inverse ends with them.
 * Memory      pointers are bytes, multiples of 16 for speed only; n is a power of two, 16 to 16384.
 */
export { ntt_forward } from './forward';
export { ntt_inverse } from './inverse';
export { ntt_multiply, ntt_multiply_add, ntt_scale } from './residues';
