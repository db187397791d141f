/**
 * Keys and ciphertexts in the JSON of python-paillier (phe 1.5: docs/serialisation.rst and the
 * command line tool pheutil, phe/command_line.py).
 *
 *     public key    { "kty": "DAJ", "alg": "PAI-GN1", "key_ops": ["encrypt"], "n": base64url, "kid" }
 *     private key   { "kty": "DAJ", "key_ops": ["decrypt"], "lambda", "mu", "pub": {...}, "kid" }
 *     ciphertext    { "v": decimal, "e": exponent }
 *     vector        "values": [[decimal, exponent], ...]
 *
 * A key read here is foreign; public-key.ts says what that means. Unknown fields are refused.
 * @module
 */
import { fromBase64Url, toBase64Url } from '../../base/bytes.ts';
import { check, refuseAs } from '../../base/errors.ts';
import { checkExponent } from './encoded-number.ts';
import type { EncryptedNumber } from './encrypted-number.ts';
import { readCiphertexts } from './encryption.ts';
import { fromBytes, inverse, toBytes } from './integers.ts';
import { importPrivateKey } from './key-import.ts';
import type { PrivateKey } from './private-key.ts';
import { type PublicKey, publicKey } from './public-key.ts';

const KEY_TYPE = 'DAJ';
const ALGORITHM = 'PAI-GN1';
/** Decimal digits of the largest n², 8192 bits. */
const MOST_DIGITS = 2467;

type Fields = Readonly<Record<string, unknown>>;

/** The object of `text`, which has exactly `fields` and perhaps a `kid`. */
function parse(text: string, fields: readonly string[]): Fields {
  return exactFields(
    refuseAs('MALFORMED_MESSAGE', 'not JSON', () => JSON.parse(text) as unknown),
    fields,
  );
}

function exactFields(value: unknown, fields: readonly string[]): Fields {
  check(typeof value === 'object' && value !== null, 'MALFORMED_MESSAGE', 'not a JSON object');
  const names = Object.keys(value).filter((name) => name !== 'kid');
  check(
    names.length === fields.length && fields.every((field) => Object.hasOwn(value, field)),
    'MALFORMED_MESSAGE',
    'unexpected fields',
  );
  return value as Fields;
}

function integer(value: unknown): bigint {
  check(typeof value === 'string' && value.length > 0, 'MALFORMED_MESSAGE', 'not base64url');
  return fromBytes(fromBase64Url(value));
}

function checkKind(key: Fields, operation: string): void {
  const operations = key['key_ops'];
  check(key['kty'] === KEY_TYPE, 'MALFORMED_MESSAGE', 'key type');
  check(
    Array.isArray(operations) && operations.length === 1 && operations[0] === operation,
    'MALFORMED_MESSAGE',
    'key operation',
  );
}

function modulusOf(value: unknown): bigint {
  const key = exactFields(value, ['kty', 'alg', 'key_ops', 'n']);
  checkKind(key, 'encrypt');
  check(key['alg'] === ALGORITHM, 'MALFORMED_MESSAGE', 'algorithm');
  return integer(key['n']);
}

/** Refuses with MALFORMED_MESSAGE another format, with ENCRYPTION_PARAMETERS what `publicKey` does. */
export const readPublicKey = (text: string): PublicKey =>
  publicKey(
    modulusOf(refuseAs('MALFORMED_MESSAGE', 'not JSON', () => JSON.parse(text) as unknown)),
  );

/** n, λ and μ of a private key file, not checked against each other. */
export function readPrivateNumbers(text: string): { n: bigint; lambda: bigint; mu: bigint } {
  const key = parse(text, ['kty', 'key_ops', 'lambda', 'mu', 'pub']);
  checkKind(key, 'decrypt');
  return {
    n: modulusOf(key['pub']),
    lambda: integer(key['lambda']),
    mu: integer(key['mu']),
  };
}

export function readPrivateKey(text: string): PrivateKey {
  const numbers = readPrivateNumbers(text);
  return importPrivateKey({ ...numbers, g: numbers.n + 1n });
}

const publicObject = ({ n }: PublicKey, kid: string): Fields => ({
  kty: KEY_TYPE,
  alg: ALGORITHM,
  key_ops: ['encrypt'],
  n: toBase64Url(toBytes(n)),
  kid,
});

export const writePublicKey = (key: PublicKey, kid: string): string =>
  JSON.stringify(publicObject(key, kid));

/** The text is as secret as the key, and a string cannot be wiped. */
export function writePrivateKey(key: PrivateKey, kid: string): string {
  const [secretP, secretQ] = key.primes();
  using p = secretP;
  using q = secretQ;
  const { n } = key.publicKey;
  const lambda = (fromBytes(p.expose()) - 1n) * (fromBytes(q.expose()) - 1n);
  return JSON.stringify({
    kty: KEY_TYPE,
    key_ops: ['decrypt'],
    lambda: toBase64Url(toBytes(lambda)),
    mu: toBase64Url(toBytes(inverse(lambda, n))),
    pub: publicObject(key.publicKey, kid),
    kid,
  });
}

function number(value: unknown, exponent: unknown): { value: bigint; exponent: number } {
  check(
    typeof value === 'string' && value.length <= MOST_DIGITS && /^[1-9][0-9]*$/.test(value),
    'MALFORMED_MESSAGE',
    'ciphertext is not a decimal number',
  );
  check(typeof exponent === 'number', 'MALFORMED_MESSAGE', 'exponent is not a number');
  checkExponent(exponent);
  return { value: BigInt(value), exponent };
}

function checkedNumbers(
  key: PublicKey,
  numbers: readonly { value: bigint; exponent: number }[],
): EncryptedNumber[] {
  const ciphertexts = readCiphertexts(
    key,
    numbers.map(({ value }) => value),
  );
  return ciphertexts.map((ciphertext, i) => ({ ciphertext, exponent: numbers[i]?.exponent ?? 0 }));
}

/** One `{ "v", "e" }`. */
export function readEncryptedNumber(key: PublicKey, text: string): EncryptedNumber {
  const { v, e } = parse(text, ['v', 'e']);
  const [only] = checkedNumbers(key, [number(v, e)]);
  check(only !== undefined, 'INTERNAL', 'one ciphertext');
  return only;
}

export const writeEncryptedNumber = ({ ciphertext, exponent }: EncryptedNumber): string =>
  JSON.stringify({ v: ciphertext.value.toString(), e: exponent });

/** The `values` of a vector: pairs of a decimal and an exponent. */
export function readEncryptedNumbers(key: PublicKey, values: unknown): EncryptedNumber[] {
  check(Array.isArray(values), 'MALFORMED_MESSAGE', 'values is not a list');
  const numbers = values.map((pair: unknown) => {
    check(Array.isArray(pair) && pair.length === 2, 'MALFORMED_MESSAGE', 'value is not a pair');
    return number(pair[0], pair[1]);
  });
  return checkedNumbers(key, numbers);
}
