/**
 * Flow 2 in one process over in-memory channels: real oblivious functions, real alignment, real encryption, real
 * ledgers in SQLite; memory instead of the wire, and the noise and the sandbox that the test brings.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256Hex } from '../../src/base/hash.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { Rational } from '../../src/base/rational.ts';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { LEDGER_MIGRATIONS, type LedgerTables } from '../../src/engine/sqlite/ledger-rows.ts';
import { SqliteLedger } from '../../src/engine/sqlite/ledger-store.ts';
import { openStore, type Store } from '../../src/engine/sqlite/store.ts';
import type { SandboxChannels } from '../../src/flows/linked/align.ts';
import { type LinkedPlan, linkedPlan, type LinkedRequest } from '../../src/flows/linked/plan.ts';
import type { GroupedPeople, LinkedRun, MeasuredPeople } from '../../src/flows/linked/ports.ts';
import {
  alignLinked,
  holdLinkedGroups,
  holdLinkedValues,
  type Linked,
} from '../../src/flows/linked-aggregate.ts';
import type { Noise } from '../../src/flows/ports.ts';
import type { Channel } from '../../src/psi/channel.ts';
import { MemoryBlobs } from './memory-blobs.ts';
import { MemoryNetwork } from './memory-network.ts';
import { localClock, MemoryMirrors, MemorySteps, silentLog } from './memory-ports.ts';

const STUDY = sha256Hex(utf8('linked study'));

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

export const linkedRequest = (changes: Partial<LinkedRequest> = {}): LinkedRequest => ({
  study: STUDY,
  queryKey: sha256Hex(utf8('linked query')),
  groupsHolder: 'lu',
  valuesHolder: 'jp',
  declaredSize: 320,
  groups: ['F', 'M'],
  cellsPerPerson: 1,
  measures: [
    { name: 'people', kind: 'count', bound: 1n },
    { name: 'days', kind: 'sum', bound: 400n },
  ],
  rho: Rational.of(1, 10),
  cardinality: { epsilon: Rational.of(1, 2), delta: Rational.of(1, 100_000_000) },
  minimumCell: 0,
  deadlineSeconds: 1,
  ...changes,
});

class LabHolder {
  readonly name: string;
  readonly key = SigningKey.generate();
  readonly steps = new MemorySteps();
  readonly mirrors = new MemoryMirrors();
  readonly blobs = new MemoryBlobs();
  readonly ledger: SqliteLedger;
  readonly #store: Store<LedgerTables>;

  constructor(name: string, directory: string) {
    this.name = name;
    mkdirSync(directory, { recursive: true });
    this.#store = openStore<LedgerTables>(path.join(directory, 'store.db'), LEDGER_MIGRATIONS);
    this.ledger = new SqliteLedger({ store: this.#store, holder: name, clock: localClock });
  }

  close(): void {
    this.#store.close();
  }
}

/** The sandbox of one run; `alignLinked` where a test does not bring another. */
export type Sandbox = (plan: LinkedPlan, channels: SandboxChannels) => Promise<unknown>;

const honest: Sandbox = (plan, channels) => alignLinked(plan, channels, systemRng);

export type People = { readonly groups: GroupedPeople; readonly values: MeasuredPeople };

export class LinkedLab implements Disposable {
  readonly network = new MemoryNetwork();
  readonly plan: LinkedPlan;
  readonly a: LabHolder;
  readonly b: LabHolder;
  /** Over all channels of all runs. */
  bytes = 0;
  #runs = 0;
  readonly #root = mkdtempSync(path.join(tmpdir(), 'kakehashi-linked-'));

  private constructor(plan: LinkedPlan) {
    this.plan = plan;
    this.a = new LabHolder('lu', path.join(this.#root, 'lu'));
    this.b = new LabHolder('jp', path.join(this.#root, 'jp'));
  }

  static async open(
    changes: Partial<LinkedRequest> = {},
    budget = { rho: Rational.of(1000), delta: Rational.of(1, 1000) },
  ): Promise<LinkedLab> {
    const lab = new LinkedLab(linkedPlan(linkedRequest(changes)));
    await lab.a.ledger.grant(lab.plan.study, budget);
    await lab.b.ledger.grant(lab.plan.study, budget);
    for (const { ledger } of [lab.a, lab.b]) {
      const people = 'd'.repeat(64);
      ledger.load(lab.plan.study, { version: 'e'.repeat(64), epochs: [1], people });
    }
    return lab;
  }

  nextRun(): LinkedRun {
    this.#runs += 1;
    const run = sha256Hex(utf8(`linked run ${this.#runs}`));
    return { study: this.plan.study, run, plan: this.plan };
  }

  /** Every party of one run at once; whoever fails ends the channels of the others. */
  async release(
    people: People,
    noise: Noise,
    sandbox: Sandbox = honest,
    run: LinkedRun = this.nextRun(),
  ): Promise<{ readonly a: Linked; readonly b: Linked }> {
    const [peer, left, right] = [pair(), pair(), pair()];
    const lines = [peer, left, right].flatMap((one) => one.lines);
    const ending = <T>(party: Promise<T>): Promise<T> =>
      party.catch((error: unknown) => {
        for (const line of lines) line.end(error as Error);
        throw error;
      });
    const portsOf = ({ name, key, steps, mirrors, blobs, ledger }: LabHolder) => ({
      ...{ holder: name, steps, mirrors, blobs, ledger, noise },
      rng: systemRng,
      clock: localClock,
      log: silentLog,
      relay: this.network.relay(run.study, run.run, name, key),
    });
    const epoch = () => Promise.resolve('e'.repeat(64));
    const [a, b] = await Promise.all([
      ending(
        holdLinkedGroups(run, {
          ...portsOf(this.a),
          people: { epoch, groupedPeople: () => Promise.resolve(people.groups) },
          peer: peer.ends[0],
          sandbox: left.ends[0],
        }),
      ),
      ending(
        holdLinkedValues(run, {
          ...portsOf(this.b),
          people: { epoch, measuredPeople: () => Promise.resolve(people.values) },
          peer: peer.ends[1],
          sandbox: right.ends[0],
        }),
      ),
      ending(sandbox(run.plan, { groups: left.ends[1], values: right.ends[1] })),
    ]);
    this.bytes += lines.reduce((sum, line) => sum + line.bytes, 0);
    return { a, b };
  }

  [Symbol.dispose](): void {
    this.a.close();
    this.b.close();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** A linkage key of a person, as linkage/key.ts would make one: 16 bytes. */
export const keyOf = (person: number): Uint8Array =>
  Uint8Array.from(Buffer.from(sha256Hex(utf8(`person ${person}`)).slice(0, 32), 'hex'));
