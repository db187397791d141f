/**
 * node-seal 6.0.3 (SEAL 4.1.2 in WebAssembly), behind what this folder uses of it.
 *
 * One instance a thread; opening takes 0.4 s, nearly all of it for the context. Memory of the module
 * grows and never shrinks, and none of its objects is collected: each is owned by a `Scope`, and a
 * scope is disposed of. SEAL draws its own randomness, from node:crypto through its module; it cannot
 * be replayed, which is why nothing here takes an `Rng` for encryption.
 * Memory     what SEAL frees it does not wipe: keys and plaintexts stay in the module's memory until
 *            they are overwritten. A holder that must be rid of them ends the worker.
 * Timing     SEAL claims no constant time for decryption, and WebAssembly gives none. The holder decrypts
 *            on its own machine, at the deadline of the plan (rulings 15).
 * @module
 */
import type loadModule from 'node-seal';
import { check } from '../../base/errors.ts';
import { N, PLAIN_BITS, PRIME_BITS, PRIMES, T } from './parameters.ts';

type Module = typeof loadModule;
/** The library types its enumerations as `any`. */
type Scheme = Parameters<Seal['EncryptionParameters']>[0];
type Security = Parameters<Seal['Context']>[2];
type Compression = Parameters<SealCiphertext['saveArray']>[0];
export type Seal = Awaited<ReturnType<Module['default']>>;
export type SealCiphertext = ReturnType<Seal['CipherText']>;
export type SealSecretKey = ReturnType<Seal['SecretKey']>;

/** Frees what it owns, the last first. */
export class Scope implements Disposable {
  readonly #owned: { delete(): void }[] = [];

  own<T extends { delete(): void }>(object: T): T {
    this.#owned.push(object);
    return object;
  }

  [Symbol.dispose](): void {
    for (const object of this.#owned.splice(0).reverse()) object.delete();
  }
}

/** The library with the parameters of parameters.ts. */
export class SealSession implements Disposable {
  readonly seal: Seal;
  readonly context: ReturnType<Seal['Context']>;
  readonly encoder: ReturnType<Seal['BatchEncoder']>;
  readonly evaluator: ReturnType<Seal['Evaluator']>;
  readonly #scope = new Scope();

  private constructor(seal: Seal) {
    this.seal = seal;
    using local = new Scope();
    const parameters = local.own(seal.EncryptionParameters(seal.SchemeType.bgv as Scheme));
    parameters.setPolyModulusDegree(N);
    parameters.setCoeffModulus(seal.CoeffModulus.Create(N, Int32Array.from(PRIME_BITS)));
    parameters.setPlainModulus(local.own(seal.PlainModulus.Batching(N, PLAIN_BITS)));
    const chosen = [...parameters.coeffModulus, local.own(parameters.plainModulus).value];
    const wanted = [...PRIMES, T];
    check(
      chosen.length === wanted.length && chosen.every((prime, i) => prime === wanted[i]),
      'ENCRYPTION_PARAMETERS',
      'SEAL chose other primes',
    );
    const level = seal.SecurityLevel.tc128 as Security;
    this.context = this.#scope.own(seal.Context(parameters, true, level));
    check(this.context.parametersSet(), 'ENCRYPTION_PARAMETERS', 'SEAL refuses the parameters');
    this.encoder = this.#scope.own(seal.BatchEncoder(this.context));
    this.evaluator = this.#scope.own(seal.Evaluator(this.context));
  }

  static async open(): Promise<SealSession> {
    // Only where a session is opened: it is 20 MB and a tenth of a second that most processes never need.
    const { default: module } = await import('node-seal');
    // CommonJS: what the types call `default` is the module itself.
    const load = module as unknown as Module['default'];
    return new SealSession(await load());
  }

  /** SEAL's bytes of an object, uncompressed. */
  saved(object: { saveArray(mode?: Compression): Uint8Array }): Uint8Array {
    return object.saveArray(this.seal.ComprModeType.none as Compression);
  }

  [Symbol.dispose](): void {
    this.#scope[Symbol.dispose]();
  }
}
