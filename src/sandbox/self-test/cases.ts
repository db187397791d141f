/**
 * The short suite that a running service can time of itself: a few cases of bench/, at one size each,
 * on fixed inputs. Each is checked before it is timed; a wrong result is a failure, not a time.
 * Nothing here touches a study, a store or a key of the service.
 * @module
 */
import { createCipheriv } from 'node:crypto';
import { sha256Hex } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import { combineShares } from '../../he/collective/combine.ts';
import { encryptSeeded } from '../../he/collective/encrypt.ts';
import { createKeyShare } from '../../he/collective/key.ts';
import { decryptionShare } from '../../he/collective/share.ts';
import { sumCiphertexts } from '../../he/collective/sum.ts';
import { RLWE_4096 as P } from '../../he/ring/parameters.ts';
import { powModUnsafe } from '../../kernels/modular.ts';
import { Ntt } from '../../kernels/ntt.ts';
import { Ristretto255 } from '../../kernels/ristretto255.ts';
import { Scalar25519 } from '../../kernels/scalar25519.ts';

export type SelfTestCase = {
  /** The name and size of the case of bench/ that times the same call. */
  readonly name: string;
  readonly size: number;
  /** Does one call give what it must? */
  readonly check: () => boolean;
  readonly run: () => unknown;
};

/** AES-128-ECB of 64 KiB: OpenSSL's, not ours, so it says what the machine does today. */
export function machineCase(): { readonly bytes: number; readonly run: () => unknown } {
  const [batch, cipher] = [
    Buffer.alloc(65536),
    createCipheriv('aes-128-ecb', Buffer.alloc(16), null),
  ];
  return { bytes: batch.length, run: () => cipher.update(batch) };
}

const fixed = (length: number, factor: number): Uint32Array =>
  Uint32Array.from({ length }, (_, i) => Math.imul(i + 1, factor) >>> 1);

function transform(): SelfTestCase {
  const [n, q] = [4096, 133_857_281];
  const ntt = new Ntt(n, q, powModUnsafe(3, (q - 1) / (2 * n), q));
  const input = fixed(n, 0x9e3779b1).map((x) => x % q);
  // A constant is its own transform, and the way back gives the input.
  const check = (): boolean =>
    ntt.inverse(ntt.forward(input)).every((x, i) => x === input[i]) &&
    ntt.forward(new Uint32Array(n).fill(7, 0, 1)).every((x) => x === 7);
  return { name: 'kernel/ntt', size: n, check, run: () => ntt.forward(input) };
}

/** Two holders' vectors through encryption, sum, shares and back; each step is a case. */
function collective(rng: Rng): SelfTestCase[] {
  const run = sha256Hex(new Uint8Array(1));
  const identity = { study: run, flow: 'self-test', epoch: 1, attempt: 1, holders: ['a', 'b'] };
  const shares = [createKeyShare(P, identity, rng), createKeyShare(P, identity, rng)] as const;
  const [values, batch] = [fixed(P.n, 3), fixed(16 * P.n, 5)];
  const inputs = shares.map((share) => encryptSeeded(P, share, run, values, rng));
  const sum = sumCiphertexts(P, inputs);
  const parts = shares.map((share) => decryptionShare(P, share, run, 1, rng));
  const right = (): boolean =>
    combineShares(P, sum, parts, values.length).every(
      (x, i) => Number(x) === ((2 * (values[i] ?? 0)) | 0),
    );
  return [
    {
      name: 'he/encrypt',
      size: batch.length,
      check: right,
      run: () => encryptSeeded(P, shares[0], run, batch, rng),
    },
    {
      name: 'he/share',
      size: P.n,
      check: right,
      run: () => decryptionShare(P, shares[0], run, 1, rng),
    },
    {
      name: 'he/combine',
      size: P.n,
      check: right,
      run: () => combineShares(P, sum, parts, values.length),
    },
  ];
}

function scalarMultiplication(): SelfTestCase {
  const [group, scalars] = [new Ristretto255(), new Scalar25519()];
  const element = group.derive(new Uint8Array(64).fill(1));
  const [two, three] = [2, 3].map((k) => scalars.reduce(new Uint8Array(64).fill(k, 0, 1)));
  const times = (scalar: Uint8Array | undefined, of: Uint8Array): Uint8Array =>
    group.multiply(of, scalar ?? new Uint8Array(32));
  // 2 (3 P) = 3 (2 P), and neither is P.
  const check = (): boolean => {
    const one = times(two, times(three, element));
    const other = times(three, times(two, element));
    return one.every((x, i) => x === other[i]) && one.some((x, i) => x !== element[i]);
  };
  return { name: 'kernel/ristretto255', size: 1, check, run: () => times(three, element) };
}

export const selfTestCases = (rng: Rng): SelfTestCase[] => [
  transform(),
  ...collective(rng),
  scalarMultiplication(),
];
