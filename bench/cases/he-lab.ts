/**
 * What the cases of he/ share: two holders with a key at N = 4096, t = 2^32, and node-seal with BFV at the
 * same N, primes of 35, 35 and 36 bits (the 106 bits of the 2024 guidelines) and a 33-bit plaintext
 * prime, so that both carry 32-bit integers. Fixed vectors, fixed key identities.
 */
import loadModule from 'node-seal';
import { deepStrictEqual, equal } from 'node:assert/strict';
import { sha256Hex } from '../../src/base/hash.ts';
import { systemRng } from '../../src/base/rng.ts';
import { createKeyShare, type KeyShare } from '../../src/he/collective/key.ts';
import { RLWE_4096 } from '../../src/he/ring/parameters.ts';
import { createPublicShare, commitTo, KeyCeremony } from '../../src/he/collective/public-key.ts';
import type { PublicKey } from '../../src/he/rlwe/public-key.ts';

export const N = RLWE_4096.n;
export const RUN = sha256Hex(new Uint8Array(1));

const identity = {
  study: sha256Hex(new Uint8Array(0)),
  flow: 'bench',
  epoch: 1,
  attempt: 1,
  holders: ['jp', 'lu'],
};

export type Holders = { readonly shares: readonly KeyShare[]; readonly publicKey: PublicKey };

export function holders(): Holders {
  const shares = identity.holders.map(() => createKeyShare(RLWE_4096, identity, systemRng));
  const parts = shares.map((share) => createPublicShare(RLWE_4096, share, systemRng));
  const ceremony = new KeyCeremony(RLWE_4096, identity);
  identity.holders.forEach((name, i) => {
    const part = parts[i];
    if (part !== undefined) {
      ceremony.commit(name, commitTo(RLWE_4096, shares[i]?.key ?? '', name, part));
    }
  });
  identity.holders.forEach((name, i) => {
    const part = parts[i];
    if (part !== undefined) ceremony.reveal(name, part);
  });
  return { shares, publicKey: ceremony.publicKey() };
}

export const vector = (length: number, factor: number): Uint32Array =>
  Uint32Array.from({ length }, (_, i) => Math.imul(i + 1, factor) >>> 1);

type Module = typeof loadModule;
type Seal = Awaited<ReturnType<Module['default']>>;

/** node-seal, one context and its helpers. Everything is freed by `close`. */
export class Peer {
  readonly #context: ReturnType<Seal['Context']>;
  readonly #encoder: ReturnType<Seal['BatchEncoder']>;
  readonly #encryptor: ReturnType<Seal['Encryptor']>;
  readonly #decryptor: ReturnType<Seal['Decryptor']>;
  readonly #evaluator: ReturnType<Seal['Evaluator']>;
  readonly #plain: ReturnType<Seal['PlainText']>;
  readonly #cipher: ReturnType<Seal['CipherText']>;
  readonly #other: ReturnType<Seal['CipherText']>;
  readonly #keys: { delete(): void }[];

  private constructor(seal: Seal) {
    const parameters = seal.EncryptionParameters(seal.SchemeType.bfv as never);
    const primes = seal.CoeffModulus.Create(N, Int32Array.from([35, 35, 36]));
    const plainModulus = seal.PlainModulus.Batching(N, 33);
    parameters.setPolyModulusDegree(N);
    parameters.setCoeffModulus(primes);
    parameters.setPlainModulus(plainModulus);
    this.#context = seal.Context(parameters, true, seal.SecurityLevel.tc128 as never);
    equal(this.#context.parametersSet(), true);
    const generator = seal.KeyGenerator(this.#context);
    const [secret, publicKey] = [generator.secretKey(), generator.createPublicKey()];
    this.#encoder = seal.BatchEncoder(this.#context);
    this.#encryptor = seal.Encryptor(this.#context, publicKey, secret);
    this.#decryptor = seal.Decryptor(this.#context, secret);
    this.#evaluator = seal.Evaluator(this.#context);
    this.#plain = seal.PlainText();
    this.#cipher = seal.CipherText();
    this.#other = seal.CipherText();
    this.#keys = [publicKey, secret, generator, plainModulus, primes, parameters];
  }

  static async open(): Promise<Peer> {
    // CommonJS: what the types call `default` is the module itself.
    return new Peer(await (loadModule as unknown as Module['default'])());
  }

  /** Encodes and encrypts, one ciphertext after the other, under the public key or the secret one. */
  encrypt(values: Uint32Array, key: 'public' | 'secret'): void {
    for (let at = 0; at < values.length; at += N) {
      this.#encoder.encode(values.subarray(at, at + N), this.#plain);
      if (key === 'public') this.#encryptor.encrypt(this.#plain, this.#cipher);
      else this.#encryptor.encryptSymmetric(this.#plain, this.#cipher);
    }
  }

  /** The last ciphertext twice into another. */
  add(): void {
    this.#evaluator.add(this.#cipher, this.#cipher, this.#other);
  }

  /** The values of the last ciphertext, or of the last sum. */
  decrypt(which: 'last' | 'sum' = 'last'): Int32Array | Uint32Array {
    this.#decryptor.decrypt(which === 'last' ? this.#cipher : this.#other, this.#plain);
    return this.#encoder.decode(this.#plain, false);
  }

  /** Does it do the job? */
  check(values: Uint32Array): void {
    for (const key of ['public', 'secret'] as const) {
      this.encrypt(values, key);
      const last = values.slice(values.length - N);
      deepStrictEqual(this.decrypt(), last);
      this.add();
      deepStrictEqual(
        this.decrypt('sum'),
        last.map((value) => 2 * value),
      );
    }
  }

  close(): void {
    const objects = [this.#other, this.#cipher, this.#plain, this.#evaluator, this.#decryptor];
    const more = [this.#encryptor, this.#encoder, this.#context, ...this.#keys];
    for (const object of [...objects, ...more]) object.delete();
  }
}
