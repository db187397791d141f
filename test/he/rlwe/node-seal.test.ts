/**
 * The same keys, plaintexts and ciphertexts in SEAL (node-seal 6.0.3), coefficient by coefficient. Given the
 * sizes of our four primes it finds the same primes; it reserves the last one it is given, so that it
 * gets a fifth, with which its own security check is off. t = 65537, as SEAL takes no plaintext modulus above its primes. In an uncompressed blob the data of
 * a ciphertext begin at byte 113, those of a plaintext and of a secret key at byte 88.
 */
import loadModule from 'node-seal';
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { Secret } from '../../../src/base/secret.ts';
import { publicPolynomials } from '../../../src/he/collective/seed.ts';
import { sumCiphertexts } from '../../../src/he/collective/sum.ts';
import { pack, unpack } from '../../../src/he/ring/pack.ts';
import { rlweParameters } from '../../../src/he/ring/parameters.ts';
import { type Coefficients, coefficientsOf, ringOf } from '../../../src/he/ring/polynomial.ts';
import type { TernaryKey } from '../../../src/he/ring/ternary.ts';
import { decryptOwn, encryptBlocks } from '../../../src/he/rlwe/symmetric.ts';
import { mulModUnsafe } from '../../../src/kernels/modular.ts';
import { Ntt } from '../../../src/kernels/ntt.ts';
import { digest, seededRng } from '../support.ts';

type Module = typeof loadModule;
type Seal = Awaited<ReturnType<Module['default']>>;
const [CIPHERTEXT, PLAIN] = [113, 88];
const T = 65_537;
const P = rlweParameters(4096, BigInt(T));
const ring = ringOf(P);
const values = (factor: number): Uint32Array =>
  Uint32Array.from({ length: P.n }, (_, i) => (Math.imul(i + 1, factor) >>> 0) % T);

const owned: { delete(): void }[] = [];
const own = <T extends { delete(): void }>(object: T): T => {
  owned.push(object);
  return object;
};
let seal: Seal;
let context: ReturnType<Seal['Context']>;
let secretKey: ReturnType<Seal['SecretKey']>;
let key: TernaryKey;

const words = (blob: Uint8Array, at: number): BigUint64Array =>
  new BigUint64Array(blob.slice(at).buffer);
const none = () => seal.ComprModeType.none as never;

/** The smallest primitive 2n-th root, which SEAL transforms with. */
function smallestRoot(q: number, psi: number): number {
  const square = mulModUnsafe(psi, psi, q);
  let [root, smallest] = [psi, psi];
  for (let i = 1; i < P.n; i++) {
    root = mulModUnsafe(root, square, q);
    smallest = Math.min(smallest, root);
  }
  return smallest;
}

beforeAll(async () => {
  seal = await (loadModule as unknown as Module['default'])();
  const parameters = own(seal.EncryptionParameters(seal.SchemeType.bfv as never));
  parameters.setPolyModulusDegree(P.n);
  parameters.setCoeffModulus(
    own(seal.CoeffModulus.Create(P.n, Int32Array.from([27, 27, 26, 26, 36]))),
  );
  parameters.setPlainModulus(own(seal.Modulus(BigInt(T))));
  context = own(seal.Context(parameters, false, seal.SecurityLevel.none as never));
  const generator = own(seal.KeyGenerator(context));
  secretKey = own(generator.secretKey());

  // Its secret, from the values of the first limb.
  const [first] = P.limbs;
  ok(first !== undefined);
  const used = [...parameters.coeffModulus].map(Number);
  const at = used.indexOf(first.q);
  ok(at >= 0);
  const ntt = new Ntt(P.n, first.q, smallestRoot(first.q, first.psi));
  const data = words(secretKey.saveArray(none()), PLAIN).subarray(at * P.n, (at + 1) * P.n);
  const ternary = ntt.inverse(Uint32Array.from(data, Number));
  const bytes = new Uint8Array(P.n / 4);
  ternary.forEach((s, j) => {
    ok(s === 0 || s === 1 || s === first.q - 1);
    const code = s === 0 ? 0 : s === 1 ? 1 : 2;
    bytes[j >> 2] = (bytes[j >> 2] ?? 0) | (code << (2 * (j & 3)));
  });
  key = { parameters: P.id, secret: new Secret('SEAL key', bytes) };
}, 60_000);

afterAll(() => {
  for (const object of owned.reverse()) object.delete();
});

test('SEAL finds the same primes, in another order', () => {
  const used = limbOrder();
  equal(new Set(used).size, 4);
  ok(used.every((index) => index >= 0));
});

/** Where each prime of SEAL is in ours. */
const limbOrder = (): number[] => {
  const data = own(context.firstContextData);
  return [...own(data.parms).coeffModulus].map((q) => P.limbs.findIndex((l) => BigInt(l.q) === q));
};

/** (c0, c1) as coefficients, for values encrypted by us. */
function ours(factor: number): readonly [Coefficients, Coefficients] {
  const publics = publicPolynomials(ring, digest('seal'), digest(`run ${factor}`));
  const c0 = unpack(P, encryptBlocks(ring, key, publics, values(factor), seededRng('e')));
  publics.take(0, 0);
  ring.machine.inverse(0);
  return [c0, coefficientsOf(ring.machine.read(0))];
}

/** Loads our pair into a SEAL ciphertext. */
function load(pair: readonly Coefficients[]): ReturnType<Seal['CipherText']> {
  const encryptor = own(
    seal.Encryptor(context, own(own(seal.KeyGenerator(context)).createPublicKey())),
  );
  const template = own(seal.CipherText());
  encryptor.encryptZero(template);
  const blob = template.saveArray(none()).slice();
  const data = BigUint64Array.from(
    pair.flatMap(({ limbs }) => limbOrder().flatMap((i) => Array.from(limbs[i] ?? [], BigInt))),
  );
  equal(blob.length, CIPHERTEXT + 8 * data.length);
  blob.set(new Uint8Array(data.buffer), CIPHERTEXT);
  template.loadArray(context, blob);
  return template;
}

function sealDecrypts(ciphertext: ReturnType<Seal['CipherText']>): Uint32Array {
  const plain = own(seal.PlainText());
  own(seal.Decryptor(context, secretKey)).decrypt(ciphertext, plain);
  const slots = new Uint32Array(P.n);
  slots.set(Array.from(words(plain.saveArray(none()), PLAIN), Number));
  return slots;
}

describe('our ciphertexts in SEAL', () => {
  test('it decrypts them to our slots', () => {
    deepStrictEqual(sealDecrypts(load(ours(0x9e3779b1))), values(0x9e3779b1));
  });
  test('its sum of two is our sum, coefficient by coefficient, and decrypts to the sum', () => {
    const [a, b] = [ours(0x9e3779b1), ours(0x85ebca6b)];
    const sum = own(seal.CipherText());
    own(seal.Evaluator(context)).add(load(a), load(b), sum);
    const packed = [0, 1].map((i) =>
      unpack(P, sumCiphertexts(P, [pack(P, a[i] ?? a[0]), pack(P, b[i] ?? b[0])])),
    );
    deepStrictEqual(sum.saveArray(none()), load(packed).saveArray(none()));
    const second = values(0x85ebca6b);
    deepStrictEqual(
      sealDecrypts(sum),
      values(0x9e3779b1).map((x, i) => (x + (second[i] ?? 0)) % T),
    );
  });
});

test('a ciphertext of SEAL decrypts here', () => {
  const plain = own(seal.PlainText());
  plain.resize(P.n);
  const blob = plain.saveArray(none()).slice();
  blob.set(new Uint8Array(BigUint64Array.from(values(0xc2b2ae35), BigInt).buffer), PLAIN);
  plain.loadArray(context, blob);
  const publicKey = own(own(seal.KeyGenerator(context)).createPublicKey());
  const ciphertext = own(seal.CipherText());
  own(seal.Encryptor(context, publicKey, secretKey)).encryptSymmetric(plain, ciphertext);
  const order = limbOrder();
  const data = words(ciphertext.saveArray(none()), CIPHERTEXT);
  const [c0, c1] = [0, 1].map((half) => {
    const limbs = P.limbs.map((_, i) => {
      const at = (4 * half + order.indexOf(i)) * P.n;
      return Uint32Array.from(data.subarray(at, at + P.n), Number);
    });
    return pack(P, coefficientsOf(limbs));
  });
  ok(c0 !== undefined && c1 !== undefined);
  deepStrictEqual(
    Uint32Array.from(decryptOwn(ring, key, [c0, c1]), (x) => (Number(x) + T) % T),
    values(0xc2b2ae35),
  );
});
