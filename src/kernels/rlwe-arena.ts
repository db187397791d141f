/**
 * Where things lie in the memory that wasm/ntt and wasm/rlwe share for one ring:
 *
 *     [ tables, 16n bytes a limb | registers, 4n bytes a limb | low | high | small | wide | stream | packed ]
 *
 * A register is one polynomial. `low` and `high` are the halves of n words of 64 bits, `small` n
 * signed words with room for one more, `wide` n words of 64 bits. Each part starts on 64 bytes.
 * @module
 */

export const REGISTERS = 8;

/** Words of a key stream from which n uniform residues are taken: enough but for 2^-150 at n = 4096. */
export const uniformTries = (n: number): number => n + 4 * Math.ceil(n / 128) + 64;

/** Key stream is handed over in pieces of at most this many bytes, or of one polynomial. */
export const STREAM_PIECE = 1 << 16;

const PAGE = 65536;
const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

export type Arena = {
  readonly memory: WebAssembly.Memory;
  readonly bytes: Uint8Array;
  readonly table: (limb: number) => number;
  readonly register: (register: number, limb: number) => number;
  readonly low: number;
  readonly high: number;
  readonly small: number;
  readonly wide: number;
  readonly stream: number;
  readonly streamBytes: number;
  readonly packed: number;
  readonly packedBytes: number;
};

export function arenaOf(n: number, limbs: number): Arena {
  const registers = aligned(16 * n * limbs);
  const low = registers + REGISTERS * 4 * n * limbs;
  const high = low + 4 * n;
  const small = high + 4 * n;
  const wide = aligned(small + 4 * n + 4);
  const stream = wide + 8 * n;
  const streamBytes = Math.max(STREAM_PIECE, 4 * uniformTries(n) * limbs);
  const packed = aligned(stream + streamBytes);
  // 28 bits a residue at most, and 8 bytes that packing may touch behind a plane.
  const packedBytes = aligned((28 * n * limbs) / 8 + 8);
  const memory = new WebAssembly.Memory({ initial: Math.ceil((packed + packedBytes) / PAGE) });
  return {
    memory,
    // No kernel grows the memory, so that views stay valid.
    bytes: new Uint8Array(memory.buffer),
    table: (limb) => 16 * n * limb,
    register: (register, limb) => registers + 4 * n * (register * limbs + limb),
    low,
    high,
    small,
    wide,
    stream,
    streamBytes,
    packed,
    packedBytes,
  };
}
