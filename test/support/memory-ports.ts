/** Ports in memory for flows composed in one process. */
import { Refusal } from '../../src/base/errors.ts';
import type { Digest } from '../../src/base/hash.ts';
import { systemRng } from '../../src/base/rng.ts';
import type { Clock, KeyShares, Log, Mirrors, Steps } from '../../src/flows/ports.ts';
import {
  createKeyShare,
  keyId,
  type KeyIdentity,
  type KeyShare,
} from '../../src/he/collective/key.ts';
import type { Parameters } from '../../src/he/ring/parameters.ts';
import type { LedgerHead } from '../../src/ledger/entry.ts';

/** Performance is measured and flows are tested without the padding of time. */
export const localClock: Clock = { now: () => new Date(), until: () => Promise.resolve() };

export const silentLog: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Dies like a process: when `dieAfter` names a step, it is stored and then everything stops. */
export class MemorySteps implements Steps {
  readonly stored = new Map<string, Uint8Array>();
  dieAfter: string | undefined;

  async once(run: Digest, name: string, compute: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const key = `${run}/${name}`;
    const before = this.stored.get(key);
    if (before !== undefined) return before.slice();
    const result = await compute();
    this.stored.set(key, result.slice());
    if (this.dieAfter === name) throw new Refusal('SHUTTING_DOWN', 'killed by the test');
    return result;
  }
}

export class MemoryKeys implements KeyShares {
  readonly shares = new Map<string, KeyShare>();
  /** Ciphertexts of each run. */
  readonly entered = new Map<Digest, number>();

  share(key: KeyIdentity, parameters: Parameters): Promise<KeyShare> {
    const name = `${keyId(key)} ${parameters.id}`;
    const share = this.shares.get(name) ?? createKeyShare(parameters, key, systemRng);
    this.shares.set(name, share);
    return Promise.resolve(share);
  }

  enter(_key: KeyIdentity, run: Digest, ciphertexts: number): Promise<void> {
    this.entered.set(run, ciphertexts);
    return Promise.resolve();
  }
}

export class MemoryMirrors implements Mirrors {
  readonly #heads = new Map<string, LedgerHead>();

  last(holder: string): Promise<LedgerHead | undefined> {
    return Promise.resolve(this.#heads.get(holder));
  }

  see(holder: string, head: LedgerHead): Promise<void> {
    this.#heads.set(holder, head);
    return Promise.resolve();
  }
}
