/**
 * Flow 2 in one process over in-memory channels: real study and query, real oblivious functions, real alignment, real
 * encryption, real ledgers in SQLite; memory instead of the wire, and the noise and the sandbox that the test brings.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ThreadedBatches } from '../../src/base/batches.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import { utf8 } from '../../src/base/bytes.ts';
import type { Json } from '../../src/base/canonical-json.ts';
import { Refusal } from '../../src/base/errors.ts';
import { systemRng } from '../../src/base/rng.ts';
import type { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import type { Block } from '../../src/cohort/plan.ts';
import { LEDGER_MIGRATIONS, type LedgerTables } from '../../src/engine/stores/ledger-rows.ts';
import { StoredLedger } from '../../src/engine/stores/ledger-store.ts';
import { openStore } from '../../src/engine/sqlite/store.ts';
import type { Store } from '../../src/engine/stores/store.ts';
import { SANDBOX } from '../../src/flows/frame.ts';
import { alignLists, type SandboxChannels } from '../../src/flows/linked/align.ts';
import { readVector } from '../../src/flows/linked/hold.ts';
import { type LinkedPlan, linkedPlan, linkOf } from '../../src/flows/linked/plan.ts';
import type { Keys, LinkedPeople, Records } from '../../src/flows/linked/ports.ts';
import { framed } from '../../src/flows/linked/records.ts';
import { holdLinkedAggregate } from '../../src/flows/linked-aggregate.ts';
import type { CompiledRun } from '../../src/flows/pooled/compile-run.ts';
import { type ReleaseBody, releaseBody } from '../../src/flows/pooled/release.ts';
import type { Noise } from '../../src/flows/ports.ts';
import { readSignedStudy, type Study } from '../../src/flows/study-terms.ts';
import type { Channel } from '../../src/psi/channel.ts';
import { inOneThread } from '../../src/psi/vole/vole-batches.ts';
import { MemoryBlobs } from './memory-blobs.ts';
import { MemoryNetwork } from './memory-network.ts';
import { localClock, MemoryMirrors, MemorySteps, silentLog } from './memory-ports.ts';
import {
  acceptedStudy,
  amendedStudy,
  compiledRun,
  signedStudy,
  type StudyKeys,
  studyKeys,
} from './study.ts';

/** One direction of a channel. */
class Line {
  bytes = 0;
  readonly #frames: Uint8Array[] = [];
  #waiting: { resolve: (frame: Uint8Array) => void; reject: (error: Error) => void }[] = [];
  #ended: Error | undefined;

  send(frame: Uint8Array): void {
    this.bytes += frame.length;
    const copy = frame.slice();
    const next = this.#waiting.shift();
    if (next === undefined) this.#frames.push(copy);
    else next.resolve(copy);
  }

  receive(): Promise<Uint8Array> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  end(error: Error): void {
    this.#ended = error;
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting = [];
  }
}

type Pair = { readonly ends: readonly [Channel, Channel]; readonly lines: readonly Line[] };

export function pair(): Pair {
  const [there, back] = [new Line(), new Line()];
  const end = (out: Line, into: Line): Channel => ({
    send: (frame) => {
      out.send(frame);
      return Promise.resolve();
    },
    receive: () => into.receive(),
  });
  return { ends: [end(there, back), end(back, there)], lines: [there, back] };
}

export type LabOptions = {
  readonly declaredSize: number;
  readonly groups: readonly string[];
  /** Integers in [0, bound] that are summed, beside the count of people. */
  readonly sums: Readonly<Record<string, number>>;
  readonly rho: string;
  readonly minimumCell: number;
  readonly budget: { readonly rho: string; readonly delta: string };
  /** Queries that disclose, which the study allows. */
  readonly disclosures: number;
};

const DEFAULTS: LabOptions = {
  declaredSize: 320,
  groups: ['F', 'M'],
  sums: { days: 400 },
  rho: '1/10',
  minimumCell: 0,
  budget: { rho: '1000/1', delta: '1/1000' },
  disclosures: 100,
};

const LINKAGE = {
  outputs: ['aggregate', 'set', 'cardinality', 'ids'],
  disclosure: 'membership',
  cardinality: { epsilon: '1/2', delta: '1/100000000' },
};

function studyOf(keys: StudyKeys, options: LabOptions): Study {
  const { declaredSize, groups, sums } = options;
  const numbers = Object.entries(sums).map(([name, max]) => [
    name,
    { type: 'integer', min: 0, max },
  ]);
  return acceptedStudy(keys, {
    cohort: {
      declaredSize: { lu: declaredSize, jp: declaredSize },
      columns: {
        group: { type: 'category', domain: [...groups] },
        ...(Object.fromEntries(numbers) as Record<string, Json>),
      },
      held: { lu: ['group'], jp: Object.keys(sums) },
    },
    rho: options.budget.rho,
    delta: options.budget.delta,
    minimumCell: options.minimumCell,
    linkage: { ...LINKAGE, disclosures: options.disclosures },
  });
}

class LabHolder {
  readonly name: string;
  readonly key: SigningKey;
  readonly vault: Vault;
  readonly steps = new MemorySteps();
  readonly mirrors = new MemoryMirrors();
  readonly blobs = new MemoryBlobs();
  readonly ledger: StoredLedger;
  readonly #store: Store<LedgerTables>;

  constructor(name: string, key: SigningKey, directory: string) {
    this.name = name;
    this.key = key;
    this.vault = new Vault(key, systemRng);
    mkdirSync(directory, { recursive: true });
    this.#store = openStore<LedgerTables>(path.join(directory, 'store.db'), LEDGER_MIGRATIONS);
    this.ledger = new StoredLedger({ store: this.#store, holder: name, clock: localClock });
  }

  async close(): Promise<void> {
    await this.#store.close();
  }
}

/** The sandbox's pairing of one run; `alignLists` where a test does not bring another. */
export type Sandbox = (plan: LinkedPlan, channels: SandboxChannels) => Promise<void>;

const honest: Sandbox = (plan, channels) => alignLists(plan, channels, systemRng);

/** By group, by person: 1 where the person is in the group; and by sum, by person: its value. */
export type People = {
  readonly groups: { readonly keys: Keys; readonly groups: readonly Uint8Array[] };
  readonly values: { readonly keys: Keys; readonly values: readonly Float64Array[] };
};

/** What a block adds up of the values of one column; of the count, 1 of everybody. */
function components({ content }: Block, values: Float64Array | undefined, people: number) {
  if (content.kind === 'tally') return [new Float64Array(people).fill(1)];
  if (content.kind !== 'moments') throw new Error(content.kind);
  const max = Number(content.max);
  const own = values ?? new Float64Array(0);
  return [own, own.map((x) => max - x), own.map((x) => x * (max - x))];
}

function peopleOf({ plan }: CompiledRun, { groups, values }: People): LinkedPeople {
  const noGroup = groups.groups.length;
  return {
    groupedPeople: () =>
      Promise.resolve({
        keys: groups.keys,
        cells: Int32Array.from(groups.keys, (_, person) => {
          if (plan.dimensions.length === 0) return 0;
          const cell = groups.groups.findIndex((group) => group[person] === 1);
          return cell === -1 ? noGroup : cell;
        }),
      }),
    measuredPeople: () =>
      Promise.resolve({
        keys: values.keys,
        values: plan.blocks.flatMap((block, i) =>
          components(block, values.values[i - 1], values.keys.length),
        ),
      }),
  };
}

export type Released = {
  readonly body: ReleaseBody;
  /** What each holder attested. */
  readonly digests: readonly string[];
};

export class LinkedLab implements Disposable {
  readonly network = new MemoryNetwork();
  readonly plan: LinkedPlan;
  study: Study;
  readonly a: LabHolder;
  readonly b: LabHolder;
  /** Over all channels of all runs. */
  bytes = 0;
  /** Threads of both holders. */
  batches: ThreadedBatches = inOneThread;
  readonly #keys: StudyKeys;
  #signed: Json;
  readonly #options: LabOptions;
  readonly #root = mkdtempSync(path.join(tmpdir(), 'kakehashi-linked-'));

  private constructor(options: LabOptions) {
    this.#options = options;
    this.#keys = studyKeys(['lu', 'jp']);
    this.study = studyOf(this.#keys, options);
    this.#signed = signedStudy(this.study.draft, this.#keys);
    const holder = (name: string): LabHolder => {
      const key = this.#keys.identity.get(name);
      if (key === undefined) throw new Error(name);
      return new LabHolder(name, key, path.join(this.#root, name));
    };
    [this.a, this.b] = [holder('lu'), holder('jp')];
    this.plan = linkedPlan(this.nextRun().plan);
  }

  static async open(changes: Partial<LabOptions> = {}): Promise<LinkedLab> {
    const lab = new LinkedLab({ ...DEFAULTS, ...changes });
    for (const { name, ledger } of [lab.a, lab.b]) {
      const budget = lab.study.budget.get(name);
      if (budget === undefined) throw new Error(name);
      await ledger.grant(lab.study.id, budget);
      const people = 'd'.repeat(64);
      await ledger.load(lab.study.id, { version: 'e'.repeat(64), epochs: [1], people });
    }
    return lab;
  }

  /** People and every sum by group: signed anew, so another run. */
  nextRun(): CompiledRun {
    const { sums, rho } = this.#options;
    return compiledRun(this.study, this.#keys, {
      format: 'kakehashi/linked-query/1',
      groupBy: ['group'],
      measures: [
        { name: 'people', count: true },
        ...Object.keys(sums).map((name) => ({ name, sum: name })),
      ],
      rho,
    });
  }

  /** The next version, in force at both holders. */
  async amend(change: Parameters<typeof amendedStudy>[2]): Promise<Study> {
    const { agreement: from, id } = this.study;
    this.#signed = amendedStudy(this.#signed, this.#keys, change);
    this.study = readSignedStudy(this.#signed);
    for (const { name, ledger } of [this.a, this.b]) {
      const budget = this.study.budget.get(name);
      if (budget === undefined) throw new Error(name);
      await ledger.amend(id, { from, to: this.study.agreement }, budget);
    }
    return this.study;
  }

  /** A query that counts people in both and discloses more to the holders. */
  disclosingRun(disclose: string): CompiledRun {
    return compiledRun(this.study, this.#keys, {
      format: 'kakehashi/linked-query/1',
      measures: [{ name: 'people', count: true }],
      disclose,
      rho: this.#options.rho,
    });
  }

  /** Every party of one run at once; whoever fails ends the channels of the others. */
  async release(
    people: People,
    noise: Noise,
    sandbox: Sandbox = honest,
    run: CompiledRun = this.nextRun(),
  ): Promise<Released> {
    const [peer, left, right] = [pair(), pair(), pair()];
    const lines = [peer, left, right].flatMap((one) => one.lines);
    const ending = <T>(party: Promise<T>): Promise<T> =>
      party.catch((error: unknown) => {
        for (const line of lines) line.end(error as Error);
        throw error;
      });
    const records = (channel: Channel | undefined): Records => {
      if (channel === undefined) throw new Refusal('NOT_FOUND', 'no such party');
      return { ...channel, flush: () => Promise.resolve() };
    };
    const hold = (holder: LabHolder, ends: Readonly<Record<string, Channel>>) => {
      const { name, key, vault, steps, mirrors, blobs, ledger } = holder;
      return holdLinkedAggregate(run, {
        ...{ holder: name, key, vault, steps, mirrors, blobs, ledger, noise },
        rng: systemRng,
        batches: this.batches,
        clock: localClock,
        log: silentLog,
        relay: this.network.relay(run.study, run.run, name, key),
        cohort: {
          epoch: () => Promise.resolve('e'.repeat(64)),
          noisedVector: () => Promise.reject(new Error('a pooled vector')),
        },
        keys: {
          share: () => Promise.reject(new Error('a collective key')),
          enter: () => Promise.resolve(),
        },
        people: peopleOf(run, people),
        records: (party) => records(ends[party]),
      });
    };
    const { groups } = linkOf(run.plan).holders;
    const [ofGroups, ofValues] = groups === this.a.name ? [left, right] : [right, left];
    const ends = { groups: framed(ofGroups.ends[1]), values: framed(ofValues.ends[1]) };
    const shown = async (): Promise<ReleaseBody> => {
      await sandbox(linkedPlan(run.plan), ends);
      const body = await this.network.receive(run.run, SANDBOX, 'contribution', groups);
      return releaseBody(run, readVector(body, run.plan.values));
    };
    const [one, two, body] = await Promise.all([
      ending(hold(this.a, { jp: peer.ends[0], [SANDBOX]: left.ends[0] })),
      ending(hold(this.b, { lu: peer.ends[1], [SANDBOX]: right.ends[0] })),
      ending(shown()),
    ]);
    this.bytes += lines.reduce((sum, line) => sum + line.bytes, 0);
    return { body, digests: [one, two] };
  }

  [Symbol.dispose](): void {
    void this.a.close();
    void this.b.close();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** A linkage key of a person, as linkage/key.ts would make one: 16 bytes. */
export const keyOf = (person: number): Uint8Array =>
  Uint8Array.from(Buffer.from(sha256Hex(utf8(`person ${person}`)).slice(0, 32), 'hex'));
