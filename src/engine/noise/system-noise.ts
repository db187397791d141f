/**
 * The noise of a holder: seeds from the system generator, sealed under the holder's own key, expanded
 * before they are asked for (pool.ts).
 *
 * A ticket is taken with a reservation, for that reservation's variances and counts and for no
 * others: their digest is sealed with the seed, and drawing anything else is refused. The exact
 * sampler of dp/sampler expands the seed; the same ticket gives the same noise, so a crash between
 * drawing and keeping the vector changes nothing. The commitment in the ledger is SHA-256 over a
 * 256-bit salt, the seed and that digest, and is opened only inside this holder (rulings 20).
 *
 * Leaks     how long drawing takes depends on what is drawn. A ready entry was drawn before its query
 *           came; the first answer for a list of variances, and a run resumed after a crash, draw
 *           beside the run, in batches, and leave at the public deadline: a relay that measures how
 *           fast this holder answers meanwhile sees that it is busy.
 *
 * Only src/holder/main.ts constructs it; a test holds that.
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { concat } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import type { Vault } from '../../base/vault.ts';
import { type ByteSource, seededBytes } from '../../dp/sampler/byte-source.ts';
import { gaussianSampler } from '../../dp/sampler/discrete-gaussian.ts';
import type { Coins } from '../../flows/inside-ports.ts';
import type { Noise, NoiseRun, NoiseTicket } from '../../flows/ports.ts';
import { NoisePool, type PoolEntry } from './pool.ts';

const SEED = 32;
const SALT = 32;
const LABEL = 'kakehashi/noise-seed/2';
/** Draws between two looks at the event loop: about 10 ms of the slower sampler. */
const BATCH = 4096;
/** Shelves are filled again this long after an entry was taken. */
const FILL_AFTER_MS = 5000;
/** Noise that was drawn for a reservation and is not fetched: more is forgotten and drawn again. */
const WAITING = 64;

const listOf = (runs: readonly NoiseRun[]): Digest =>
  transcriptDigest(
    'kakehashi/noise-list/1',
    runs.flatMap(({ variance, count }) => [variance.toString(), count]),
  );

const lengthOf = (runs: readonly NoiseRun[]): number =>
  runs.reduce((sum, { count }) => sum + count, 0);

async function expand(seed: Secret, runs: readonly NoiseRun[]): Promise<BigInt64Array> {
  using own = seed;
  const bytes = seededBytes(own);
  const noise = new BigInt64Array(lengthOf(runs));
  let start = 0;
  for (const { variance, count } of runs) {
    const sampler = gaussianSampler(variance, bytes);
    for (let done = 0; done < count; done += BATCH) {
      await setImmediate();
      const end = start + Math.min(count, done + BATCH);
      sampler.fill(noise.subarray(start + done, end));
    }
    start += count;
  }
  return noise;
}

class SystemNoise implements Noise, Coins {
  readonly #vault: Vault;
  readonly #rng: Rng;
  readonly #pool = new NoisePool();
  /** Noise of tickets that were taken, by commitment. */
  readonly #waiting = new Map<Digest, Promise<BigInt64Array>>();

  constructor(vault: Vault, rng: Rng) {
    this.#vault = vault;
    this.#rng = rng;
  }

  ticket(runs: readonly NoiseRun[]): NoiseTicket {
    const { ticket, values } = this.#pool.take(listOf(runs), lengthOf(runs), {
      fresh: () => this.#fresh(runs),
      choose: (count) => (this.#rng(1)[0] ?? 0) % count, // which one is no secret of its own
      later: (fill) => {
        setTimeout(fill, FILL_AFTER_MS).unref();
      },
    });
    this.#waiting.set(ticket.commitment, values);
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > WAITING && oldest !== undefined) this.#waiting.delete(oldest);
    return ticket;
  }

  #fresh(runs: readonly NoiseRun[]): PoolEntry {
    const list = listOf(runs);
    const salt = this.#rng(SALT);
    const seed = new Secret('noise seed', this.#rng(SEED));
    const sealedSeed = this.#vault.lock(LABEL, concat(salt, seed.expose(), digestBytes(list)));
    const commitment = commitmentOf(salt, seed.expose(), list);
    const values = expand(seed, runs);
    values.catch(() => undefined); // told to whoever draws
    return { ticket: { sealedSeed, commitment }, values };
  }

  /** Of a ticket for no draws at all: a mechanism of one holder reads the stream as it goes. */
  coins(ticket: NoiseTicket): ByteSource {
    using seed = this.#opened(ticket, listOf([]));
    return seededBytes(new Secret('noise seed', seed.expose().slice()));
  }

  async draw(ticket: NoiseTicket, runs: readonly NoiseRun[]): Promise<BigInt64Array> {
    const seed = this.#opened(ticket, listOf(runs));
    const ready = this.#waiting.get(ticket.commitment);
    this.#waiting.delete(ticket.commitment);
    return await (ready ?? expand(seed, runs));
  }

  /** The seed of a ticket that was taken for `list` and no other. */
  #opened(ticket: NoiseTicket, list: Digest): Secret {
    using opened = this.#vault.unlock(LABEL, ticket.sealedSeed);
    const bytes = opened.expose();
    const salt = bytes.subarray(0, SALT);
    const seed = new Secret('noise seed', bytes.slice(SALT, SALT + SEED));
    const mine = Buffer.from(bytes.subarray(SALT + SEED)).equals(digestBytes(list));
    check(mine, 'CONFLICT', 'noise of other variances or counts');
    check(
      commitmentOf(salt, seed.expose(), list) === ticket.commitment,
      'LEDGER_CORRUPT',
      'noise seed does not open its commitment',
    );
    return seed;
  }
}

const digestBytes = (digest: Digest): Uint8Array => Buffer.from(digest, 'hex');

const commitmentOf = (salt: Uint8Array, seed: Uint8Array, list: Digest): Digest =>
  transcriptDigest('kakehashi/noise-commitment/2', [salt, seed, list]);

export const systemNoise = (vault: Vault, rng: Rng): Noise & Coins => new SystemNoise(vault, rng);
