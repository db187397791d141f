/**
 * The four steps of a run on a vector (vector.ts) as batches: item i is polynomial i of all sets, in order.
 *
 *     rlwe-encrypt   [seed, key share of each set ..., slots of each set ...]    → contribution
 *     rlwe-share     [seed, key share of each set ...]                           → decryption share
 *     rlwe-sum       [contribution of each holder ...]                           → sum
 *     rlwe-combine   [sum, share of each holder ...]    → residues, centred, 8 bytes a slot, little endian
 *
 * Randomness is an input: the seed of a part is HKDF of the batch's seed with the first item of the part, so
 * that no two parts draw from one stream.
 * @module
 */
import type { Cbor } from '../../base/codec.ts';
import { check } from '../../base/errors.ts';
import { deriveKey, DIGEST_PATTERN } from '../../base/hash.ts';
import { MAX_HOLDERS } from '../../base/limits.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import type { Slots } from '../../kernels/rlwe.ts';
import { type Parameters, parametersOf } from '../ring/parameters.ts';
import { decodeRegister } from '../ring/plaintext.ts';
import { ringOf } from '../ring/polynomial.ts';
import { MIN_HOLDERS } from '../security.ts';
import { type Batches, type BatchHandler, type BatchSize, ownThread } from '../../base/batches.ts';
import { ciphertextsFor, encryptSeeded } from './encrypt.ts';
import type { KeyShare } from './key.ts';
import { decryptionShare } from './share.ts';
import { checkDistinct, SUM, sumInto } from './sum.ts';

export type VectorBatchKind = 'rlwe-encrypt' | 'rlwe-share' | 'rlwe-sum' | 'rlwe-combine';

type Vector = { readonly sets: readonly Parameters[]; readonly slots: number };
type Keyed = Vector & { readonly key: string; readonly run: string; readonly holders: number };

function demand(condition: boolean, what: string): asserts condition {
  check(condition, 'INVALID_PARAMETER', `${what} of a batch`);
}

function readVector(params: Cbor): Vector {
  demand(typeof params === 'object' && params !== null, 'parameters');
  const { parameters, slots } = params as Readonly<Record<string, Cbor>>;
  demand(Array.isArray(parameters) && parameters.length > 0, 'parameter sets');
  demand(typeof slots === 'number', 'slots');
  const sets = (parameters as readonly Cbor[]).map((id) => {
    demand(typeof id === 'string', 'parameter set');
    return parametersOf(id);
  });
  return { sets, slots };
}

function readKeyed(params: Cbor): Keyed {
  const { key, run, holders } = params as Readonly<Record<string, Cbor>>;
  demand(typeof key === 'string' && DIGEST_PATTERN.test(key), 'key id');
  demand(typeof run === 'string' && DIGEST_PATTERN.test(run), 'run id');
  demand(typeof holders === 'number', 'holders');
  return { ...readVector(params), key, run, holders };
}

/** A batch that fills polynomials of `itemBytes` each; a call of `fill` is within one set. */
const batch = (
  itemBytes: (ring: Parameters) => number,
  fill: (
    inputs: readonly Uint8Array[],
    params: Cbor,
    out: Uint8Array,
    range: { readonly set: number; readonly first: number; readonly count: number },
  ) => void,
): BatchHandler => {
  const sizeOf = (params: Cbor): BatchSize & { readonly each: number } => {
    const { sets, slots } = readVector(params);
    const [ring] = sets;
    demand(ring !== undefined, 'parameter sets');
    const each = ciphertextsFor(ring, slots);
    return { items: sets.length * each, itemBytes: itemBytes(ring), each };
  };
  return {
    size: sizeOf,
    fill: (inputs, params, out, from, to) => {
      const { each, itemBytes: bytes } = sizeOf(params);
      for (let at = from; at < to; ) {
        const [set, first] = [Math.floor(at / each), at % each];
        const count = Math.min(to - at, each - first);
        fill(inputs, params, out.subarray(at * bytes, (at + count) * bytes), { set, first, count });
        at += count;
      }
    },
  };
};

const packedBytes = ({ polynomialBytes }: Parameters): number => polynomialBytes;

/** A draw of 32 bytes for one part. */
function partRng(inputs: readonly Uint8Array[], set: number, first: number): Rng {
  const [seed] = inputs;
  demand(seed?.length === 32, 'seed');
  return (length) => {
    demand(length === 32, 'draw');
    // Not disposed: it is the caller's shared memory, overwritten when the batch is done.
    const secret = new Secret('batch seed', seed);
    using derived = deriveKey(secret, transcriptDigest('kakehashi/he-part/1', [set, first]));
    return derived.expose().slice();
  };
}

function keyOf(inputs: readonly Uint8Array[], params: Keyed, set: number): KeyShare {
  const [bytes, parameters] = [inputs[1 + set], params.sets[set]];
  demand(bytes !== undefined && parameters !== undefined, 'key share');
  const { key, holders } = params;
  return { parameters: parameters.id, key, holders, secret: new Secret('key share', bytes) };
}

function slotsOf(bytes: Uint8Array | undefined, { plaintextModulus: t }: Parameters): Slots {
  demand(bytes !== undefined && bytes.byteOffset % 8 === 0, 'slots');
  return t <= 2n ** 32n
    ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    : new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
}

const encrypt = batch(packedBytes, (inputs, params, out, { set, first, count }) => {
  const keyed = readKeyed(params);
  const parameters = keyed.sets[set] as Parameters;
  const slots = slotsOf(inputs[1 + keyed.sets.length + set], parameters);
  demand(slots.length === keyed.slots, 'slots');
  const part = slots.subarray(first * parameters.n, (first + count) * parameters.n);
  const key = keyOf(inputs, keyed, set);
  encryptSeeded(parameters, key, keyed.run, part, partRng(inputs, set, first), first, out);
});

const share = batch(packedBytes, (inputs, params, out, { set, first, count }) => {
  const keyed = readKeyed(params);
  const parameters = keyed.sets[set] as Parameters;
  const key = keyOf(inputs, keyed, set);
  decryptionShare(parameters, key, keyed.run, count, partRng(inputs, set, first), first, out);
});

/** Polynomial `index` of set `set` of every input; MALFORMED_MESSAGE for another length. */
function partsAt(
  inputs: readonly Uint8Array[],
  { sets, slots }: Vector,
  set: number,
  index: number,
): Uint8Array[] {
  const parameters = sets[set] as Parameters;
  const each = ciphertextsFor(parameters, slots);
  const size = parameters.polynomialBytes;
  const at = (set * each + index) * size;
  return inputs.map((bytes) => {
    check(bytes.length === sets.length * each * size, 'MALFORMED_MESSAGE', 'length of an input');
    return bytes.subarray(at, at + size);
  });
}

/** One message of each of 2 to 16 holders, no two equal. */
function checkMessages(messages: readonly Uint8Array[]): void {
  const within = messages.length >= MIN_HOLDERS && messages.length <= MAX_HOLDERS;
  demand(within, `${messages.length} messages`);
  checkDistinct(messages);
}

const sum = batch(packedBytes, (inputs, params, out, { set, first, count }) => {
  checkMessages(inputs);
  const vector = readVector(params);
  const ring = ringOf(vector.sets[set] as Parameters);
  const size = ring.parameters.polynomialBytes;
  for (let i = 0; i < count; i++) {
    sumInto(ring, partsAt(inputs, vector, set, first + i));
    ring.machine.pack(SUM, out, i * size);
  }
});

const combine = batch(
  ({ n }) => 8 * n,
  (inputs, params, out, { set, first, count }) => {
    checkMessages(inputs.slice(1));
    const vector = readVector(params);
    const ring = ringOf(vector.sets[set] as Parameters);
    const size = 8 * ring.parameters.n;
    for (let i = 0; i < count; i++) {
      sumInto(ring, partsAt(inputs, vector, set, first + i));
      const slots = decodeRegister(ring, SUM);
      out.set(new Uint8Array(slots.buffer, slots.byteOffset, size), i * size);
    }
  },
);

export const VECTOR_BATCHES: Readonly<Record<VectorBatchKind, BatchHandler>> = {
  'rlwe-encrypt': encrypt,
  'rlwe-share': share,
  'rlwe-sum': sum,
  'rlwe-combine': combine,
};

/** In the calling thread: for use as a library, and where a vector is too short for more. */
export const inThread: Batches = ownThread(VECTOR_BATCHES);
