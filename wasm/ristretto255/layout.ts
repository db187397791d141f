/**
 * Where things lie in the memory below `ARENA`, which the binding owns: constants that it writes
 * once, and the kernel's own temporaries, which `ristretto_wipe` zeroes.
 */
/** Bytes of a field element: nine limbs of 32 bits. */
export const FE: usize = 36;
/** Bytes of a point: X, Y, Z, T. */
export const POINT: usize = 144;

// Constants of RFC 9496 section 4.1, in this order, written by the binding.
export const ONE: usize = 0;
export const D: usize = 1 * FE;
export const D2: usize = 2 * FE;
export const SQRT_M1: usize = 3 * FE;
export const SQRT_AD_MINUS_ONE: usize = 4 * FE;
export const INVSQRT_A_MINUS_D: usize = 5 * FE;
export const ONE_MINUS_D_SQ: usize = 6 * FE;
export const D_MINUS_ONE_SQ: usize = 7 * FE;

// Montgomery constants modulo the group order, nine limbs of 29 bits each, written by the binding:
// l, 2^522 mod l, 2^778 mod l (for the upper half of 64 bytes).
export const ORDER: usize = 8 * FE;
export const R2: usize = 9 * FE;
export const R2_HIGH: usize = 10 * FE;

export const TEMPORARIES: usize = 512;
// field.ts; F4 takes two elements.
export const F0: usize = TEMPORARIES;
export const F1: usize = F0 + 64;
export const F2: usize = F1 + 64;
export const F3: usize = F2 + 64;
export const F4: usize = F3 + 64;
// group.ts
export const G0: usize = F4 + 128;
// encoding.ts: twelve elements and a point
export const E0: usize = G0 + 512;
// multiply.ts: digits, a completed point, an accumulator, a table of nine cached points
export const DIGITS: usize = E0 + 640;
export const COMPLETED: usize = DIGITS + 64;
export const ACCUMULATOR: usize = COMPLETED + POINT;
export const CHOSEN: usize = ACCUMULATOR + POINT;
export const WINDOW: usize = CHOSEN + POINT;
// scalar.ts: ten columns of 64 bits, four scalars
export const S0: usize = WINDOW + 9 * POINT;
/** The table of multiples of the base point: 64 windows of nine cached points. */
export const BASE_TABLE: usize = 4096;
export const ARENA: usize = BASE_TABLE + 64 * 9 * POINT;
