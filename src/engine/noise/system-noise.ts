/**
 * The noise of a holder: seeds from the system generator, sealed under the holder's own key.
 *
 * A ticket is drawn with a reservation. Its seed is expanded once, by the exact sampler of
 * dp/sampler, to the noise of that reservation; the same ticket gives the same noise, so a crash
 * between drawing and keeping the vector changes nothing. The commitment in the ledger is
 * SHA-256 over a 256-bit salt and the seed, and is opened only inside this holder (rulings 20).
 *
 * Leaks     how long drawing takes depends on what is drawn. The answer leaves at a deadline, so
 *           the time is not in it; but the thread is busy meanwhile, for at most one batch at a
 *           time, and a relay that measures how fast this holder answers sees that it was. There
 *           is no pool of noise drawn before the query yet.
 *
 * Only src/holder/main.ts constructs it; a test holds that.
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { concat } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import type { Vault } from '../../base/vault.ts';
import { seededBytes } from '../../dp/sampler/byte-source.ts';
import { gaussianSampler } from '../../dp/sampler/discrete-gaussian.ts';
import type { Noise, NoiseRun, NoiseTicket } from '../../flows/ports.ts';

const SEED = 32;
const SALT = 32;
const LABEL = 'kakehashi/noise-seed/1';
/** Draws between two looks at the event loop: about 10 ms of the slower sampler. */
const BATCH = 4096;

const commitment = (salt: Uint8Array, seed: Uint8Array): string =>
  transcriptDigest('kakehashi/noise-commitment/1', [salt, seed]);

export function systemNoise(vault: Vault, rng: Rng): Noise {
  return {
    ticket(): NoiseTicket {
      const salt = rng(SALT);
      using seed = new Secret('noise seed', rng(SEED));
      return {
        sealedSeed: vault.lock(LABEL, concat(salt, seed.expose())),
        commitment: commitment(salt, seed.expose()),
      };
    },

    async draw(ticket: NoiseTicket, runs: readonly NoiseRun[]): Promise<BigInt64Array> {
      using opened = vault.unlock(LABEL, ticket.sealedSeed);
      const salt = opened.expose().subarray(0, SALT);
      using seed = new Secret('noise seed', opened.expose().slice(SALT));
      check(
        commitment(salt, seed.expose()) === ticket.commitment,
        'LEDGER_CORRUPT',
        'noise seed does not open its commitment',
      );
      const bytes = seededBytes(seed);
      const noise = new BigInt64Array(runs.reduce((sum, { count }) => sum + count, 0));
      let index = 0;
      for (const { variance, count } of runs) {
        const sampler = gaussianSampler(variance, bytes);
        for (const end = index + count; index < end; index += 1) {
          if (index % BATCH === BATCH - 1) await setImmediate();
          noise[index] = sampler.draw();
        }
      }
      return noise;
    },
  };
}
