/**
 * A sandbox and two holders that are killed, as by kill -9, at random named steps and started again
 * at once, while studies are signed and queries are run; and what must be true afterwards.
 *
 *     no budget under-counted   every run that touched data is charged what it was priced at
 *     one share per run id      whatever was sent under one name was sent with the same bytes
 *     one noise per release     a vector key has one vector; asked again the cells are the same
 *     one log                   entries and co-signed checkpoints of every study verify
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseStrict } from '../../src/base/canonical-json.ts';
import { type ErrorCode, Refusal } from '../../src/base/errors.ts';
import { KakehashiClient, loadKey, type SigningKey } from '../../src/client/client.ts';
import { readDraft, readPartlySigned, type Study } from '../../src/flows/study-terms.ts';
import { signedJson, signStudy } from '../../src/study/signatures.ts';
import { Institutions, QUERY, type Service } from './institutions.ts';
import { Seeded } from './seeded.ts';
import { sentTwice, Wiretap } from './wiretap.ts';

const PROCESSES = ['sandbox', 'lu', 'jp'] as const;
type Process = (typeof PROCESSES)[number];
/** More than a process has in one run: some counts reach into the next one. */
const MOST_STEPS = 24;
/** How long nothing may come of anything while nobody is killed. Where a machine is busy a start takes ten seconds. */
const PATIENCE_MS = 180_000;

export type Killed = { readonly process: Process; readonly step: string };
type Asked = { readonly query: typeof QUERY; readonly study: Study; readonly run: string };
type Entry = { readonly body: Readonly<Record<string, string>> & { readonly type: string } };

const AWAY: readonly ErrorCode[] = [
  'SANDBOX_UNREACHABLE',
  'SHUTTING_DOWN',
  'OVERLOADED',
  'INTERNAL',
];
const away = (error: unknown): boolean =>
  error instanceof Refusal && AWAY.some((code) => code === error.code);

export class KillCluster {
  readonly here: Institutions;
  readonly killed: Killed[] = [];
  readonly #random: Seeded;
  readonly #tap = new Wiretap(() => this.here.url);
  readonly #asked: Asked[] = [];
  readonly #watched: Promise<void>[] = [];
  readonly #services = new Map<Process, Service>();
  readonly #signed: Study[] = [];
  #lines = '';
  #lastKill = 0;
  /** How many may still be armed. */
  #left = 0;
  #ending = false;
  /** What went wrong while a process was watched. */
  #fault: Error | undefined;
  #client!: KakehashiClient;
  #stewards = new Map<string, SigningKey>();

  constructor(seed: string, here = new Institutions()) {
    this.here = here;
    this.#random = new Seeded(seed, 100_000);
  }

  async open(): Promise<void> {
    const { here } = this;
    await here.prepare();
    await this.#start('sandbox');
    this.#lines = await this.#tap.listen();
    await Promise.all([this.#start('lu'), this.#start('jp')]);
    const key = await loadKey(here.at('keys', 'ana.pem'));
    this.#client = new KakehashiClient({ sandbox: here.url, key });
    for (const name of here.names) {
      this.#stewards.set(name, await loadKey(here.at('keys', `${name}.pem`)));
    }
    await here.submit();
    await Promise.all(here.names.map((name) => here.load(name)));
    const signed = readPartlySigned(parseStrict(readFileSync(here.studyFile, 'utf8')));
    this.#signed.push(signed.study);
  }

  async close(): Promise<void> {
    this.#ending = true;
    await Promise.all([...this.#services.values()].map((one) => one.kill('SIGKILL')));
    await Promise.all(this.#watched);
    // Not there where opening failed.
    await (this.#client as KakehashiClient | undefined)?.close();
    this.#tap.close();
  }

  /** Runs queries, and now and then signs a study, until so many processes were killed. */
  async until(kills: number): Promise<void> {
    this.#left = kills;
    for (const name of PROCESSES) this.#arm(name);
    for (let round = 0; this.killed.length < kills; round += 1) {
      this.#checkWatched();
      if (this.#random.chance(25)) await this.#sign(round);
      else await this.#ask(round);
    }
  }

  /** Every claim of the header. */
  async verify(): Promise<void> {
    deepStrictEqual(sentTwice(this.#tap.tapped), []);
    await this.#askAgain();
    for (const name of this.here.names) await this.#verifyLedger(name);
    for (const study of this.#signed) {
      // Refuses a log that its co-signed checkpoints do not hold.
      const { excerpt } = await this.#insist(() => this.#client.log(study.id));
      ok(excerpt.entries.length > 0);
    }
  }

  /** How far a count of kills got, for a line of output. */
  get summary(): string {
    const steps = new Set(this.killed.map(({ process, step }) => `${process} ${step}`));
    const { length } = this.#asked;
    const { length: studies } = this.#signed;
    return `${this.killed.length} kills at ${steps.size} different steps, ${length} runs, ${studies} studies`;
  }

  #killFile(name: Process): string {
    return this.here.at(`kill-${name}`);
  }

  #arm(name: Process): void {
    if (this.#left === 0) return;
    this.#left -= 1;
    writeFileSync(this.#killFile(name), String(1 + this.#random.below(MOST_STEPS)));
  }

  async #start(name: Process): Promise<void> {
    const started = await this.#started(name);
    this.#services.set(name, started);
    const watched = this.#watch(name, started).catch((error: unknown) => {
      this.#fault ??= error instanceof Error ? error : new Error(String(error));
    });
    this.#watched.push(watched);
  }

  #checkWatched(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** A kill may come before a process has said that it is ready: it is one like any other. */
  async #started(name: Process): Promise<Service> {
    const file = this.#killFile(name);
    for (;;) {
      try {
        return name === 'sandbox'
          ? await this.here.sandbox({ file })
          : await this.here.holder(name, { file }, this.#lines);
      } catch (error) {
        if (!existsSync(file) || /^\d+$/.test(readFileSync(file, 'utf8'))) throw error;
        this.#wasKilled(name);
      }
    }
  }

  async #watch(name: Process, { gone }: Service): Promise<void> {
    const end = await gone;
    if (this.#ending) return;
    const step = readFileSync(this.#killFile(name), 'utf8');
    strictEqual(end, 'SIGKILL', `${name} ended by itself at ${step}`);
    this.#wasKilled(name);
    await this.#start(name);
  }

  /** The file has the step instead of the number that it was armed with. */
  #wasKilled(name: Process): void {
    const file = this.#killFile(name);
    this.killed.push({ process: name, step: readFileSync(file, 'utf8') });
    this.#lastKill = performance.now();
    rmSync(file);
    this.#arm(name);
  }

  /** Each kill puts back what is waited for. */
  #patience(): () => boolean {
    const since = performance.now();
    return () => performance.now() > Math.max(since, this.#lastKill) + PATIENCE_MS;
  }

  /** Goes on asking while the sandbox is away and comes back. */
  async #insist<T>(ask: () => Promise<T>): Promise<T> {
    const late = this.#patience();
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        this.#checkWatched();
        if (!away(error) || late()) throw error;
        await sleep(50);
      }
    }
  }

  async #sign(round: number): Promise<void> {
    const draft = this.#signed[0]!.draft as Record<string, never>;
    const study = readDraft({ ...draft, title: `Signed in round ${round}` });
    const signatures = [...this.#stewards].map(([name, key]) => signStudy(study, name, key));
    const signed = readPartlySigned(signedJson({ study, signatures }));
    await this.#insist(() => this.#client.submitStudy(signed));
    const late = this.#patience();
    for (;;) {
      const { accepted, refused } = await this.#insist(() => this.#client.study(study.id));
      deepStrictEqual(refused, {});
      if (this.here.names.every((name) => accepted[name] === true)) break;
      this.#checkWatched();
      ok(!late(), `study of round ${round} is not accepted`);
      await sleep(50);
    }
    this.#signed.push(study);
  }

  async #ask(round: number): Promise<void> {
    const study = this.#signed[0]!;
    const query = { ...QUERY, rho: `1/${1000 + round}` };
    const { run } = await this.#insist(async () => {
      const submitted = await this.#client.submitQuery(study, query);
      return this.#client.run(submitted.query);
    });
    await this.#released(run);
    this.#asked.push({ query, study, run });
  }

  async #released(run: string): Promise<void> {
    const late = this.#patience();
    for (;;) {
      this.#checkWatched();
      const { state, problem } = await this.#insist(() => this.#client.runState(run));
      if (state === 'released') return;
      // A process that was killed comes back: nothing is lost and nothing has to be given up.
      ok(problem === undefined || problem === null, `${state}: ${JSON.stringify(problem)}`);
      ok(!late(), `run is ${state}; killed ${JSON.stringify(this.killed.slice(-6))}`);
      await sleep(50);
    }
  }

  async #askAgain(): Promise<void> {
    for (const { query, study, run } of this.#asked) {
      const before = await this.#insist(() => this.#client.release(run, study, query));
      const again = await this.#insist(async () => {
        const submitted = await this.#client.submitQuery(study, query);
        return this.#client.run(submitted.query);
      });
      const { cells } = await this.#insist(() => this.#client.release(again.run, study, query));
      deepStrictEqual(cells, before.cells);
    }
  }

  async #verifyLedger(name: string): Promise<void> {
    const { entries, reserved } = await this.here.ledger(name);
    const bodies = (entries as Entry[]).map(({ body }) => body);
    const of = (type: string) => bodies.filter((body) => body.type === type);
    for (const { query, run } of this.#asked) {
      const kinds = bodies.filter((body) => body['run'] === run).map(({ type }) => type);
      deepStrictEqual(kinds, ['reserve', 'touch', 'vector', 'settle'], `${name}: ${run}`);
      const charge = of('reserve').find((body) => body['run'] === run);
      strictEqual(charge?.['rho'], query.rho);
    }
    strictEqual(of('reserve').length, this.#asked.length, 'no charge but these');
    const keys = of('vector').map((body) => body['vectorKey']);
    strictEqual(new Set(keys).size, keys.length, 'one vector for each key');
    deepStrictEqual(reserved, { rho: '0/1', delta: '0/1' });
  }
}

/** One life of a cluster in which so many processes are killed, and what must be true after it. */
export async function killAtRandom(
  seed: string,
  kills: number,
  here = new Institutions(),
): Promise<void> {
  const cluster = new KillCluster(seed, here);
  try {
    await cluster.open();
    await cluster.until(kills);
    await cluster.verify();
    process.stderr.write(`random kills of seed ${seed}: ${cluster.summary}\n`);
  } catch (error) {
    // At once: a thousand kills take an hour, and the tests say at its end what failed.
    process.stderr.write(
      `random kills of seed ${seed}: ${String(error)} after ${cluster.summary}\n`,
    );
    throw error;
  } finally {
    await cluster.close();
  }
}
