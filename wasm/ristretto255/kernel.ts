/**
 * ristretto255 (RFC 9496): decoding, encoding, element derivation, sums, scalar multiplication, and
 * arithmetic modulo the group order. No imports but memory, no allocation; operands decide neither
 * branches nor addresses: the only branches are on counts, flags and constants, which are public.
 *
 * Field     nine signed limbs of 29 bits, carried after products only (product.ts): 81 and 45
 *           multiplications of 64 bits for a product and a square. Measured in V8 11.3, ns a product
 *           and a square: 32 and 22; ten limbs of 25.5 bits 36 and 23, Karatsuba on 2 x 5 limbs 35.
 * Points    of the twisted Edwards curve with a = -1 in extended coordinates (group.ts).
 * Batches   every function takes n items in a row; points are 144 bytes, encodings and scalars 32.
 * Memory    constants at 0, temporaries, the base table, then the binding's arena (layout.ts).
 *           Inputs of another range than stated give wrong results, never accesses elsewhere.
 */
export {
  ristretto_add, ristretto_arena, ristretto_constant, ristretto_decode, ristretto_derive,
  ristretto_encode, ristretto_encode_doubled, ristretto_equal, ristretto_wipe,
} from './encoding';
export {
  ristretto_combine_half, ristretto_multiply_base_half, ristretto_multiply_half,
  ristretto_prepare_base,
} from './multiply';
export {
  scalar_add, scalar_constant, scalar_faults, scalar_invert, scalar_multiply, scalar_reduce,
} from './scalar';
