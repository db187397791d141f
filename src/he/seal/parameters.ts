/**
 * The one parameter set of encrypted columns: BGV (Brakerski, Gentry, Vaikuntanathan, ITCS 2012) as
 * SEAL 4.1.2 implements it, N = 8192, ternary secret.
 *
 * Lattice    the four primes of key switching have 53 + 53 + 54 + 54 = 214 bits, the limit of ePrint
 *            2024/463 for N = 8192 at 128 bits classical (SEAL's own default, 218, is above it).
 *            Ciphertexts live mod the first three, 160 bits; the last is for relinearisation.
 * Plaintext  t = 2^50 − 16383 is a prime and 1 mod 2N, so that a plaintext is 8192 numbers mod t
 *            ("slots", Smart, Vercauteren, ePrint 2011/133), added and multiplied place by place. It
 *            is as large as it is because a result is the sum of each slot over all blocks: the bound
 *            on (a product) times (blocks) must stay below t/2.
 *
 * Why slots and not the constant coefficient, which is the sum of all slots times N^-1: the holder
 * who decrypts adds 8192 numbers in no time, a slot holds 2^13 times less than the whole sum, and
 * slots can be checked one by one (check-rows.ts). Neither needs Galois keys.
 * @module
 */
export const N = 8192;

/** Primes as SEAL chooses them for `BITS`; the last one is the special prime. */
export const PRIMES: readonly bigint[] = [
  9007199254364161n,
  9007199254429697n,
  18014398508138497n,
  18014398508400641n,
];
export const PRIME_BITS: readonly number[] = [53, 53, 54, 54];
export const DATA_PRIMES = 3;
/** Primes left after the one modulus switch that makes a result small. */
export const RESULT_PRIMES = 2;
export const PLAIN_BITS = 50;
export const T = 1125899906826241n;

/** Bound of SEAL's centred binomial error, 2 · 21 bits a sample. */
export const ERROR_BOUND = 21n;

/** Slots of a block that carry no person but a value only the holder knows (check-rows.ts). */
export const CHECK_SLOTS = 64;
export const ROWS_PER_BLOCK = N - CHECK_SLOTS;
/** 133 million rows. */
export const MAX_BLOCKS = 2 ** 14;

/** Blocks of a table; an empty one has a block too, so that every plan has an answer. */
export const blocksFor = (rows: number): number => Math.max(1, Math.ceil(rows / ROWS_PER_BLOCK));
