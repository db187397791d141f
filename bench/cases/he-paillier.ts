/** One Paillier key as ours and as paillier-bigint's, for the cases that compare them. */
import { PrivateKey as TheirPrivateKey, PublicKey as TheirPublicKey } from 'paillier-bigint';
import { systemRng } from '../../src/base/rng.ts';
import { fromBytes, inverse } from '../../src/he/paillier/integers.ts';
import { generatePrivateKey, type PrivateKey } from '../../src/he/paillier/private-key.ts';

export type BothKeys = {
  readonly key: PrivateKey;
  readonly theirs: TheirPrivateKey;
  /** A plaintext as long as n. */
  readonly plaintext: bigint;
};

/** `bits` of the modulus; 3072 is the 128-bit level. Theirs has p and q, so that it decrypts by CRT. */
export function bothKeys(bits: number): BothKeys {
  const key = generatePrivateKey(bits, systemRng);
  const [secretP, secretQ] = key.primes();
  const [p, q] = [fromBytes(secretP.expose()), fromBytes(secretQ.expose())];
  const { n } = key.publicKey;
  const lambda = (p - 1n) * (q - 1n);
  const publicKey = new TheirPublicKey(n, n + 1n);
  const theirs = new TheirPrivateKey(lambda, inverse(lambda, n), publicKey, p, q);
  return { key, theirs, plaintext: n / 3n };
}
