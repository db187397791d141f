/**
 * A sandbox over a directory of the test, called through `inject`: real store, real tokens, jobs
 * in this thread, a clock and a log that the test can read.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterAll } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { canonicalJson, type Json } from '../../src/base/canonical-json.ts';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { openDataDirectory } from '../../src/engine/data-directory.ts';
import { inlineJobs } from '../../src/engine/jobs/inline-jobs.ts';
import { serviceLog } from '../../src/engine/service-log.ts';
import { NO_PEERS } from '../../src/engine/stores/peers.ts';
import { openStore } from '../../src/engine/sqlite/store.ts';
import { SANDBOX_MIGRATIONS, type SandboxTables } from '../../src/engine/stores/sandbox-store.ts';
import { createRequestToken } from '../../src/engine/transport/request-token.ts';
import { readSignedStudy, type Study } from '../../src/flows/study-terms.ts';
import { type Limits, USUAL_LIMITS } from '../../src/sandbox/protection.ts';
import type { SignIn } from '../../src/sandbox/sign-in.ts';
import { JOB_HANDLERS } from '../../src/sandbox/job-handlers.ts';
import type { BenchmarkRoutesOptions } from '../../src/sandbox/routes/benchmarks.ts';
import { SelfTest } from '../../src/sandbox/self-test/self-test.ts';
import { createService } from '../../src/sandbox/service.ts';
import type { Service } from '../../src/sandbox/service-options.ts';
import { RUNNER } from '../support/image-lab.ts';
import {
  signedQuery,
  signedStudy,
  studyDraft,
  type StudyKeys,
  studyKeys,
  type StudyOptions,
} from '../support/study.ts';

export type Call = {
  readonly json?: Json;
  readonly body?: Uint8Array;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of a fresh token of `key`. */
  readonly token?: string;
};

/** Keys that the configuration of the sandbox names beside the holders. */
export type StaffKeys = { readonly ops: SigningKey; readonly auditor: SigningKey };

export const staffKeys = (): StaffKeys => ({
  ops: SigningKey.generate(),
  auditor: SigningKey.generate(),
});

export class SandboxLab {
  readonly keys: StudyKeys;
  readonly log: string[] = [];
  now = new Date();
  /** With a directory for each party in it. */
  readonly root = mkdtempSync(path.join(tmpdir(), 'kakehashi-sandbox-'));
  #directory = openDataDirectory(path.join(this.root, 'sandbox'));
  #service: Service;

  readonly #staff: Partial<StaffKeys>;
  readonly #limits: Partial<Limits>;
  readonly #signIn: SignIn | undefined;
  readonly #benchmarks: BenchmarkRoutesOptions;
  /** Of the operator: studies may have programs run here. */
  readonly operator = SigningKey.generate();

  constructor(
    names: readonly string[] = ['lu', 'jp'],
    staff: Partial<StaffKeys> = {},
    limits: Partial<Limits> = {},
    signIn?: (clock: { now(): Date }) => SignIn,
    analyst?: SigningKey,
    /** Nothing is published unless it is given; the self-test measures nothing. */
    shown: Omit<BenchmarkRoutesOptions, 'selfTest'> = {
      published: [],
      assets: { script: '', style: '' },
    },
  ) {
    this.keys = analyst === undefined ? studyKeys(names) : { ...studyKeys(names), analyst };
    this.#staff = staff;
    this.#limits = limits;
    this.#signIn = signIn?.({ now: () => this.now });
    const times = () => Promise.resolve({ aesGiBs: 1, cases: [] });
    const clock = { now: () => this.now };
    this.#benchmarks = { ...shown, selfTest: new SelfTest(times, undefined, clock) };
    this.#service = this.#open();
  }

  #open(): Service {
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.log.push(chunk.toString());
        done();
      },
    });
    const store = openStore<SandboxTables>(this.#directory.store, SANDBOX_MIGRATIONS);
    return createService({
      directory: this.#directory,
      opened: { store, peers: NO_PEERS, close: () => store.close() },
      holders: new Map([...this.keys.identity].map(([name, key]) => [name, key.publicText])),
      ...(this.#staff.ops === undefined ? {} : { ops: [this.#staff.ops.publicText] }),
      ...(this.#staff.auditor === undefined ? {} : { auditors: [this.#staff.auditor.publicText] }),
      version: '0.0.0',
      operator: this.operator,
      imageRunner: RUNNER,
      signIn: this.#signIn,
      benchmarks: this.#benchmarks,
      // Computing blocks this thread, and that is no overload.
      limits: { ...USUAL_LIMITS, overloadMs: 0, ...this.#limits },
      clock: { now: () => this.now, until: () => Promise.resolve() },
      log: serviceLog({ role: 'sandbox', level: 'debug', stream }),
      workers: (blobs, results) => ({
        jobs: inlineJobs({ blobs, results, handlers: JOB_HANDLERS }),
        check: () => Promise.resolve(),
        close: () => Promise.resolve(),
      }),
    });
  }

  get app(): Service['app'] {
    return this.#service.app;
  }

  /** Ends the process and starts another on the same directory. */
  async restart(): Promise<void> {
    await this.#service.close();
    this.#directory.close();
    this.#directory = openDataDirectory(path.join(this.root, 'sandbox'));
    this.#service = this.#open();
    await this.#service.resume();
  }

  async close(): Promise<void> {
    await this.#service.close();
    this.#directory.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  token(key: SigningKey, method: string, path: string, body: Uint8Array): Promise<string> {
    return createRequestToken(key, { method, path, body }, this.now, systemRng);
  }

  drain(): void {
    this.#service.drain();
  }

  async call(
    key: SigningKey,
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    call: Call = {},
  ): Promise<LightMyRequestResponse> {
    const text = call.json === undefined ? undefined : utf8(canonicalJson(call.json));
    const body = call.body ?? text;
    const token = call.token ?? (await this.token(key, method, path, body ?? new Uint8Array(0)));
    const type = call.type ?? (text === undefined ? undefined : 'application/json');
    const request: InjectOptions = {
      method,
      url: path,
      headers: {
        authorization: `Bearer ${token}`,
        ...(type === undefined ? {} : { 'content-type': type }),
        ...call.headers,
      },
      ...(body === undefined ? {} : { payload: Buffer.from(body) }),
    };
    return this.app.inject(request);
  }

  /** A study that every party signed, taken in by this sandbox. */
  async study(options: StudyOptions = {}): Promise<Study> {
    const signed = signedStudy(studyDraft(this.keys, options), this.keys);
    const answer = await this.call(this.keys.analyst, 'POST', '/v1/studies', { json: signed });
    if (answer.statusCode !== 201) throw new Error(answer.body);
    return readSignedStudy(signed);
  }

  /** A signed query, taken in: its id. */
  async query(study: Study, body: Record<string, Json> = { rho: '1/200' }): Promise<string> {
    const json = signedQuery(study, this.keys, body);
    const answer = await this.call(this.keys.analyst, 'POST', '/v1/queries', { json });
    if (answer.statusCode !== 201) throw new Error(answer.body);
    return answer.json<{ query: string }>().query;
  }

  start(query: string, headers: Readonly<Record<string, string>> = {}) {
    return this.call(this.keys.analyst, 'POST', `/v1/queries/${query}/runs`, { headers });
  }

  /** A run of a fresh query: its id. */
  async run(study: Study, body: Record<string, Json> = { rho: '1/200' }): Promise<string> {
    const answer = await this.start(await this.query(study, body));
    if (answer.statusCode !== 202) throw new Error(answer.body);
    return answer.json<{ run: string }>().run;
  }

  /** As if a holder had ended it; what waits for ends looks for itself. */
  async endRun(run: string): Promise<void> {
    const store = openStore<SandboxTables>(this.#directory.store, SANDBOX_MIGRATIONS);
    await store.run(store.db.updateTable('run').set({ state: 'aborted' }).where('id', '=', run));
    await store.close();
  }

  /** What a fault of ours could have stored. */
  async rewriteRelease(run: string, release: object): Promise<void> {
    const store = openStore<SandboxTables>(this.#directory.store, SANDBOX_MIGRATIONS);
    const set = store.db.updateTable('run').set({ release: JSON.stringify(release) });
    await store.run(set.where('id', '=', run));
    await store.close();
  }

  /** How many ids of tokens are remembered. */
  async tokenRows(): Promise<number> {
    const store = openStore<SandboxTables>(this.#directory.store, SANDBOX_MIGRATIONS);
    const rows = await store.all(store.db.selectFrom('token').select('id'));
    await store.close();
    return rows.length;
  }

  identity(name: string): SigningKey {
    const key = this.keys.identity.get(name);
    if (key === undefined) throw new Error(`no holder ${name}`);
    return key;
  }

  inbox(name: string, after = 0, wait = 0): Promise<LightMyRequestResponse> {
    return this.call(this.identity(name), 'GET', `/v1/inbox?after=${after}&wait=${wait}`);
  }
}

/** One sandbox for a file of tests: opening one takes longer than most of them. */
export function sharedLab(
  names?: readonly string[],
  staff?: StaffKeys,
  limits?: Partial<Limits>,
): SandboxLab {
  const lab = new SandboxLab(names, staff, limits);
  afterAll(() => lab.close());
  return lab;
}

/** The code of a problem document, checked to be one. */
export function codeOf(answer: LightMyRequestResponse): string {
  const type = String(answer.headers['content-type']);
  if (!type.startsWith('application/problem+json')) throw new Error(`${type}: ${answer.body}`);
  const { type: urn, status } = answer.json<{ type: string; status: number }>();
  if (status !== answer.statusCode) throw new Error(`status ${status} of ${answer.statusCode}`);
  return urn.replace('urn:kakehashi:problem:', '');
}
