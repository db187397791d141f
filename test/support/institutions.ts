/**
 * A sandbox and two holders as institutions run them: the shipped command in real processes, own
 * data directories, keys made by `keygen`, a study signed by `study sign`, everything on loopback.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { assertNoLeak, CANARY } from './canary.ts';
import { scratch } from './scratch.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const CLI = path.join(ROOT, 'dist', 'cli.js');
const KILL_AT = path.join(import.meta.dirname, 'kill-at.mjs');
/** On a machine that has much else to do a start takes half a minute. */
const READY_MS = 120_000;

export type Answer = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs the command to its end. */
export function command(argv: readonly string[], input = ''): Promise<Answer> {
  const child = spawn(process.execPath, [CLI, ...argv], { stdio: ['pipe', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      resolve({ code, out, err });
    });
  });
}

/** The object that a command prints with --json; fails the test where it does not end well. */
export async function json(argv: readonly string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await command([...argv, '--json']);
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${out}${err}`);
  return JSON.parse(out) as Record<string, unknown>;
}

export type Service = {
  readonly pid: number | undefined;
  readonly ready: Record<string, unknown>;
  /** Resolves with the signal or code when the process is gone. */
  readonly gone: Promise<string | number | null>;
  kill(signal: NodeJS.Signals): Promise<void>;
};

/** When a service is to end like kill -9: at a step, or when the file says so (kill-at.mjs). */
export type KillAt = string | { readonly file: string };

const environmentOf = (killAt: KillAt): Record<string, string> =>
  typeof killAt === 'string' ? { KILL_AT: killAt } : { KILL_FILE: killAt.file };

/** Starts a service; `killAt` ends it like kill -9 once that step is durable. */
export async function service(
  argv: readonly string[],
  log: string,
  killAt?: KillAt,
): Promise<Service> {
  const preload = killAt === undefined ? [] : ['--import', KILL_AT];
  const child: ChildProcess = spawn(process.execPath, [...preload, CLI, ...argv, '--json'], {
    stdio: ['ignore', 'pipe', openSync(log, 'a', 0o600)],
    env: { ...process.env, ...(killAt === undefined ? {} : environmentOf(killAt)) },
  });
  const gone = new Promise<string | number | null>((resolve) => {
    child.on('close', (code, signal) => {
      resolve(signal ?? code);
    });
  });
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await gone;
  };
  onTestFinished(() => kill('SIGKILL'));
  const line = new Promise<string>((resolve, reject) => {
    if (child.stdout !== null) createInterface({ input: child.stdout }).once('line', resolve);
    void gone.then((code) => {
      reject(
        new Error(`${argv[0] ?? ''} ended with ${String(code)}: ${readFileSync(log, 'utf8')}`),
      );
    });
    setTimeout(() => {
      reject(new Error('not ready'));
    }, READY_MS).unref();
  });
  const ready = JSON.parse(await line) as Record<string, unknown>;
  return { pid: child.pid, ready, gone, kill };
}

type Draft = {
  holders: { name: string; identity: string; stewards: { need: number; keys: string[] } }[];
  analysts: { name: string; key: string }[];
  images: readonly unknown[];
};

export type Options = {
  readonly rho?: string;
  readonly csv?: Readonly<Record<string, string>>;
  readonly expires?: string;
  /** Members of the draft in the place of these here. */
  readonly draft?: Readonly<Record<string, unknown>>;
  /** Images of the study, for the public keys of its stewards and of the sandbox's operator. */
  readonly images?: (stewards: readonly string[], operator: string) => readonly unknown[];
  /** The sandbox has the key of an operator, and stewards agree that it could read rows. */
  readonly operator?: boolean;
  /** Beside the members of the sandbox's configuration. */
  readonly settings?: Readonly<Record<string, unknown>>;
};

const CSV: Readonly<Record<string, string>> = {
  lu: `patient_id,sex,age\n${CANARY}-1,F,34\n${CANARY}-2,M,61\n${CANARY}-3,F,70\n`,
  jp: `patient_id,sex,age\n${CANARY}-1,F,45\n${CANARY}-2,F,66\n${CANARY}-3,M,50\n`,
};

export const QUERY = {
  format: 'kakehashi/query/1',
  groupBy: ['holder', 'sex'],
  measures: [{ name: 'people', count: true }],
  rho: '1/100',
};

/** Holders of a draft without keys; a name is a country. */
export const holdersOf = (names: readonly string[]) =>
  names.map((name) => ({
    name,
    country: name.toUpperCase(),
    legalBasis: 'agreement',
    identity: '',
    stewards: { need: 1, keys: [] },
  }));

const each = <T>(value: T): Record<string, T> => ({ lu: value, jp: value });

/** The section of a study about its cohort: one row a person, a thousand people. */
export const cohortOf = (columns: Readonly<Record<string, object>>) => ({
  person: 'patient_id',
  rowsPerPerson: 1,
  cellsPerPerson: 1,
  declaredSize: each(1000),
  nulls: [''],
  columns,
});

export class Institutions {
  readonly root = scratch();
  readonly names = ['lu', 'jp'] as const;
  readonly #printed: string[] = [];
  url = '';
  studyFile = '';
  study = '';

  at(...parts: readonly string[]): string {
    return path.join(this.root, ...parts);
  }

  data(name: string): string {
    return this.at(name);
  }

  log(name: string): string {
    return this.at('logs', `${name}.log`);
  }

  /** Keys, a signed study, cohort files; no process yet. */
  async prepare(options: Options = {}): Promise<void> {
    // Once every process is gone: no row and no key in what any of them left behind or printed.
    onTestFinished(() => assertNoLeak(this.root, this.#printed));
    mkdirSync(this.at('logs'));
    mkdirSync(this.at('keys'));
    const keygen = async (file: string): Promise<string> => {
      const { key } = await json(['keygen', file]);
      return String(key);
    };
    const draft = this.#draft(options) as Draft;
    const ana = keygen(this.at('keys', 'ana.pem'));
    await Promise.all(
      draft.holders.map(async (holder) => {
        const identity = keygen(path.join(this.data(holder.name), 'keys', 'identity.pem'));
        const steward = keygen(this.at('keys', `${holder.name}.pem`));
        holder.identity = await identity;
        holder.stewards.keys = [await steward];
      }),
    );
    draft.analysts = [{ name: 'ana', key: await ana }];
    const stewards = draft.holders.flatMap((holder) => holder.stewards.keys);
    const { operator: withOperator = false } = options;
    const operator = withOperator ? await keygen(this.at('sandbox', 'keys', 'operator.pem')) : '';
    if (options.images !== undefined) draft.images = options.images(stewards, operator);
    writeFileSync(this.at('draft.json'), JSON.stringify(draft));
    let file = this.at('draft.json');
    for (const name of this.names) {
      const signed = this.at(`signed-by-${name}.json`);
      const key = ['--key', this.at('keys', `${name}.pem`)];
      const agreed = withOperator ? ['--operator-reads-rows'] : [];
      await json(['study', 'sign', file, ...key, '--out', signed, ...agreed]);
      file = signed;
    }
    this.studyFile = file;
    for (const name of this.names) {
      writeFileSync(this.at(`${name}.csv`), options.csv?.[name] ?? CSV[name] ?? '');
    }
    this.#configure(draft, options.settings);
  }

  #draft({ rho = '1/1', expires = '2099-12-31', draft = {} }: Options): object {
    return {
      format: 'kakehashi/study/1',
      title: 'People by sex',
      purpose: 'research',
      expires,
      holders: holdersOf(this.names),
      analysts: [],
      cohort: cohortOf({
        sex: { type: 'category', domain: ['F', 'M'] },
        age: { type: 'integer', min: 0, max: 110 },
      }),
      operations: ['count'],
      honestHolders: 1,
      images: [],
      linkage: null,
      minimumCell: 0,
      budget: each({ rho, delta: '1/1000000' }),
      ...draft,
    };
  }

  #configure({ holders }: Draft, settings: Options['settings']): void {
    const identities = Object.fromEntries(holders.map(({ name, identity }) => [name, identity]));
    mkdirSync(this.data('sandbox'), { recursive: true, mode: 0o700 });
    const sandbox = {
      listen: '127.0.0.1:0',
      metrics: '127.0.0.1:0',
      holders: identities,
      ...settings,
    };
    writeFileSync(path.join(this.data('sandbox'), 'config.json'), JSON.stringify(sandbox));
    for (const { name, stewards } of holders) {
      const { [name]: _own, ...others } = identities;
      const config = { name, holders: others, stewards: stewards.keys };
      writeFileSync(path.join(this.data(name), 'config.json'), JSON.stringify(config));
    }
  }

  /** On a port of its own the first time, on the same one after. */
  async sandbox(killAt?: KillAt): Promise<Service> {
    const listen = this.url === '' ? [] : ['--listen', new URL(this.url).host];
    const argv = ['sandbox', '--data', this.data('sandbox'), ...listen];
    const started = await service(argv, this.log('sandbox'), killAt);
    this.url = String(started.ready['url']);
    return started;
  }

  holder(name: string, killAt?: KillAt, sandbox = this.url): Promise<Service> {
    // Some tests buy exact numbers: what a study may spend is what it says.
    const argv = ['holder', '--data', this.data(name), '--sandbox', sandbox];
    argv.push('--epoch-limit', 'none');
    return service(argv, this.log(name), killAt);
  }

  get #analyst(): string[] {
    return ['--sandbox', this.url, '--key', this.at('keys', 'ana.pem')];
  }

  async submit(): Promise<void> {
    const answer = await json(['study', 'submit', this.studyFile, ...this.#analyst]);
    this.study = String(answer['study']);
  }

  async load(name: string): Promise<void> {
    const study = ['--study', this.study, '--data', this.data(name)];
    await json(['cohort', 'load', this.at(`${name}.csv`), ...study]);
  }

  /** Everything up to the first query, both holders running. */
  async open(options: Options = {}): Promise<Record<'sandbox' | 'lu' | 'jp', Service>> {
    await this.prepare(options);
    const sandbox = await this.sandbox();
    const [lu, jp] = await Promise.all([this.holder('lu'), this.holder('jp')]);
    await this.submit();
    await Promise.all(this.names.map((name) => this.load(name)));
    return { sandbox, lu, jp };
  }

  async ask(query: object = QUERY, timeout = 60): Promise<Answer> {
    const file = this.at(`query-${process.hrtime.bigint()}.json`);
    writeFileSync(file, JSON.stringify(query));
    const limit = ['--timeout', String(timeout)];
    const answer = await command([
      'query',
      'run',
      file,
      '--study',
      this.studyFile,
      ...this.#analyst,
      ...limit,
      '--json',
    ]);
    this.#printed.push(answer.out, answer.err);
    return answer;
  }

  async ledger(name: string): Promise<Record<string, unknown>> {
    const answer = await json(['ledger', '--study', this.study, '--data', this.data(name)]);
    this.#printed.push(JSON.stringify(answer));
    return answer;
  }
}
