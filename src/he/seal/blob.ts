/**
 * Ciphertexts and keys as bytes, without SEAL's framing.
 *
 * SEAL 4.1.2 deserialises what it is given with sizes taken from the bytes, and predates the
 * hardening of that code; in WebAssembly a truncated blob aborts the whole instance (test). So **no byte of
 * SEAL's headers ever comes from outside**: on the wire is the payload only, residues of 8 bytes each
 * and the seed of a seeded ciphertext; its length is fixed by its kind; every residue is checked to be
 * below its prime; and the headers put around it for loading are this session's own, taken from
 * objects that it made itself. What SEAL writes is checked against the same headers.
 *
 *     column    c0 mod 3 primes, and the seed from which c1 is expanded (fresh, symmetric)   196,672 bytes
 *     partial   c0, c1 mod 3 primes                                                          393,216
 *     result    c0, c1 mod 2 primes                                                          262,144
 *     relinearisation key   3 x (2 polynomials mod 4 primes)                               1,572,864
 *     secret key   1 polynomial mod 4 primes                                                 262,144
 *
 * Integrity of a payload that is well formed is not decided here: an uploaded one is authenticated
 * by its container, a result by what it decrypts to (open-result.ts).
 * @module
 */
import { concat, equalBytes } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import { Scope, type SealSession } from './library.ts';
import { DATA_PRIMES, N, PRIMES, RESULT_PRIMES } from './parameters.ts';

export type BlobKind = 'column' | 'partial' | 'result' | 'relinearisation' | 'secret';

const POLYNOMIAL = 8 * N;
const SEED = 64;

/** What a kind is made of: polynomials, each mod the first `primes` primes, then seed bytes. */
type Shape = { readonly polynomials: number; readonly primes: number; readonly seed: number };

const SHAPE: Readonly<Record<BlobKind, Shape>> = {
  column: { polynomials: 1, primes: DATA_PRIMES, seed: SEED },
  partial: { polynomials: 2, primes: DATA_PRIMES, seed: 0 },
  result: { polynomials: 2, primes: RESULT_PRIMES, seed: 0 },
  relinearisation: { polynomials: 2 * DATA_PRIMES, primes: PRIMES.length, seed: 0 },
  secret: { polynomials: 1, primes: PRIMES.length, seed: 0 },
};

export const blobBytes = (kind: BlobKind): number =>
  SHAPE[kind].polynomials * SHAPE[kind].primes * POLYNOMIAL + SHAPE[kind].seed;

/** Lengths of payload stretches between which SEAL puts headers. */
function stretches(kind: BlobKind): readonly number[] {
  if (kind === 'relinearisation') {
    return Array.from({ length: DATA_PRIMES }, () => 2 * PRIMES.length * POLYNOMIAL);
  }
  const { polynomials, primes, seed } = SHAPE[kind];
  const data = polynomials * primes * POLYNOMIAL;
  return seed === 0 ? [data] : [data, seed];
}

/** SEAL's bytes before each stretch: constants of the kind. */
type Headers = readonly Uint8Array[];

/** Bytes before the data of a ciphertext; of a plaintext, which a secret key is; of the keys' list. */
const CIPHERTEXT_HEADER = 113;
const PLAINTEXT_HEADER = 88;
const KEY_LIST_HEADER = 64;
/** Before a seed: a header and the number of its generator. */
const SEED_HEADER = 17;

function headerLengths(kind: BlobKind): readonly number[] {
  if (kind === 'secret') return [PLAINTEXT_HEADER];
  if (kind === 'column') return [CIPHERTEXT_HEADER, SEED_HEADER];
  if (kind !== 'relinearisation') return [CIPHERTEXT_HEADER];
  return [KEY_LIST_HEADER + CIPHERTEXT_HEADER, CIPHERTEXT_HEADER, CIPHERTEXT_HEADER];
}

function split(kind: BlobKind, sealed: Uint8Array): { headers: Headers; payload: Uint8Array } {
  const headers: Uint8Array[] = [];
  const parts: Uint8Array[] = [];
  let at = 0;
  const lengths = headerLengths(kind);
  stretches(kind).forEach((length, i) => {
    const header = lengths[i] ?? 0;
    headers.push(sealed.slice(at, at + header));
    parts.push(sealed.subarray(at + header, at + header + length));
    at += header + length;
  });
  check(at === sealed.length, 'ENCRYPTION_PARAMETERS', `SEAL wrote ${sealed.length} bytes`);
  return { headers, payload: concat(...parts) };
}

/** True when the residues of `payload` are below their primes. Looks at all of them. */
function residuesInRange(kind: BlobKind, payload: Uint8Array): boolean {
  const { polynomials, primes } = SHAPE[kind];
  const words = new Uint32Array(payload.slice(0, polynomials * primes * POLYNOMIAL).buffer);
  let outside = 0;
  for (let limb = 0; limb < polynomials * primes; limb += 1) {
    const prime = PRIMES[limb % primes] ?? 0n;
    const [low, high] = [Number(prime & 0xffffffffn), Number(prime >> 32n)];
    for (let i = 2 * N * limb; i < 2 * N * (limb + 1); i += 2) {
      const above = words[i + 1] ?? 0;
      if (above > high || (above === high && (words[i] ?? 0) >= low)) outside += 1;
    }
  }
  // The copy may be of a secret key.
  words.fill(0);
  return outside === 0;
}

/** Payloads to SEAL's bytes and back, for one session. */
export class BlobCodec {
  readonly #headers: Readonly<Record<BlobKind, Headers>>;

  constructor(session: SealSession) {
    this.#headers = ownHeaders(session);
  }

  /** SEAL's bytes of an outside payload. MALFORMED_MESSAGE for another length or a residue too large. */
  toSeal(kind: BlobKind, payload: Uint8Array): Uint8Array {
    check(
      payload.length === blobBytes(kind),
      'MALFORMED_MESSAGE',
      `${kind}: ${payload.length} bytes`,
    );
    check(residuesInRange(kind, payload), 'MALFORMED_MESSAGE', `${kind}: residue out of range`);
    const parts: Uint8Array[] = [];
    let at = 0;
    stretches(kind).forEach((length, i) => {
      parts.push(this.#headers[kind][i] ?? new Uint8Array(), payload.subarray(at, at + length));
      at += length;
    });
    return concat(...parts);
  }

  /** The payload of what SEAL wrote; refuses with INTERNAL where it is not of this kind. */
  fromSeal(kind: BlobKind, sealed: Uint8Array): Uint8Array {
    const { headers, payload } = split(kind, sealed);
    const same = headers.every((header, i) =>
      equalBytes(header, this.#headers[kind][i] ?? new Uint8Array()),
    );
    check(same, 'INTERNAL', `${kind}: unexpected SEAL header`);
    return payload;
  }
}

/** Writes one object of each kind under a throwaway key and keeps the headers. */
function ownHeaders(session: SealSession): Record<BlobKind, Headers> {
  using scope = new Scope();
  const { seal, context, evaluator } = session;
  const generator = scope.own(seal.KeyGenerator(context));
  const secret = scope.own(generator.secretKey());
  const publicKey = scope.own(generator.createPublicKey());
  const encryptor = scope.own(seal.Encryptor(context, publicKey, secret));
  const zero = scope.own(seal.PlainText({ coeffCount: N }));
  const fresh = scope.own(seal.CipherText());
  encryptor.encryptSymmetric(zero, fresh);
  const switched = scope.own(seal.CipherText());
  evaluator.cipherModSwitchToNext(fresh, switched);
  const headers = (kind: BlobKind, object: Parameters<SealSession['saved']>[0]): Headers =>
    split(kind, session.saved(object)).headers;
  return {
    column: headers('column', scope.own(encryptor.encryptSymmetricSerializable(zero))),
    partial: headers('partial', fresh),
    result: headers('result', switched),
    relinearisation: headers('relinearisation', scope.own(generator.createRelinKeys())),
    secret: headers('secret', secret),
  };
}
