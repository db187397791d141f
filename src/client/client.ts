/**
 * The client of the public HTTP API: what the command line uses, and any program of an analyst or
 * a steward. It trusts the sandbox with nothing but its patience: studies are recognised by their
 * digest, prices computed here, releases checked against the signatures of the holders.
 *
 *     const client = new KakehashiClient({ sandbox, key: await loadKey('ana.pem') });
 *     const study = (await client.study(id)).study;
 *     const { query } = await client.submitQuery(study, json);
 *     const { run } = await client.run(query);
 *     const release = await client.waitForRelease(run, { study, asked: json });
 *
 * A refusal of the sandbox is thrown as the `Refusal` it names, with its public fields.
 * @module
 */
import type { Static, TSchema } from 'typebox';
import { canonicalBytes, type Json } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { type Rng, systemRng } from '../base/rng.ts';
import type { SigningKey } from '../base/sign.ts';
import { compileQuery } from '../cohort/compile.ts';
import { planDigest } from '../cohort/plan-digest.ts';
import { systemClock } from '../engine/clock.ts';
import { createDispatcher } from '../engine/transport/dispatcher.ts';
import type { PriceAnswer, StudyBudget } from '../engine/transport/answer-shapes.ts';
import { refusalOfResponse } from '../engine/transport/problem-response.ts';
import {
  type RequestOptions,
  signedRequest,
  signedStream,
} from '../engine/transport/signed-request.ts';
import type { Clock } from '../flows/ports.ts';
import { type SignedStudy, type Study, termsOf } from '../flows/study-terms.ts';
import { signedJson } from '../study/signatures.ts';
import { LONGEST_LIFE_MS, signQuery } from '../study/signed-query.ts';
import {
  type QueryAnswer,
  type QueryPage,
  readAnswer,
  type RunAnswer,
  type RunPage,
  type StartedRun,
  type StudyPage,
} from './answers.ts';
import { type KnownStudy, knownStudy } from './known-study.ts';
import { type Operation, OPERATIONS, pathOf } from './operations.ts';
import { allPages } from './pages.ts';
import { type Release, releaseOfAnswer } from './release.ts';
import { type RunEvent, runEvents } from './run-events.ts';
import { untilTaken } from './until-taken.ts';
import { type FetchedLog, fetchLog } from './study-log.ts';
import { verifyRelease } from './verify-release.ts';
import { type WaitOptions, waitForRelease } from './wait-for-release.ts';

// The entry of `kakehashi/client`: what a caller needs to call it.
export { Refusal } from '../base/errors.ts';
export { SigningKey } from '../base/sign.ts';
export { loadKey } from '../engine/keys.ts';
export { readDraft, readPartlySigned } from '../flows/study-terms.ts';
export type { KnownStudy } from './known-study.ts';
export type { Release } from './release.ts';
export type { RunEvent } from './run-events.ts';

export type ClientOptions = {
  /** Its address: scheme, host and port. */
  readonly sandbox: string;
  readonly key: SigningKey;
  readonly clock?: Pick<Clock, 'now'>;
  readonly rng?: Rng;
  readonly caFile?: string | undefined;
  readonly proxy?: string | undefined;
  readonly proxyCredentialsFile?: string | undefined;
};

/** The holders' clocks may be behind. */
const SHORTENED_MS = 60_000;

export class KakehashiClient {
  readonly #options: Required<Pick<ClientOptions, 'clock' | 'rng'>> & ClientOptions;
  #opened: ReturnType<typeof open> | undefined;

  constructor(options: ClientOptions) {
    this.#options = { clock: systemClock, rng: systemRng, ...options };
  }

  /** Gives connections back. */
  async close(): Promise<void> {
    const opened = await this.#opened;
    await opened?.dispatcher.destroy();
  }

  /** Sends a study that enough stewards of every holder have signed. Idempotent. */
  async submitStudy(signed: SignedStudy): Promise<Digest> {
    const { study } = await this.#call(OPERATIONS.createStudy, {}, json(signedJson(signed)));
    check(study === signed.study.id, 'SANDBOX_RESPONSE', 'another study');
    return study;
  }

  /**
   * Sends a later version of a study; it is in force where enough stewards of every holder have signed. `narrowed`: not
   * yet, and holders already reserve nothing that it does not allow. Idempotent.
   */
  async amendStudy(signed: SignedStudy): Promise<'amended' | 'narrowed'> {
    const { id, agreement } = signed.study;
    const params = { study: id };
    const answer = await this.#call(OPERATIONS.amendStudy, params, json(signedJson(signed)));
    check(answer.agreement === agreement, 'SANDBOX_RESPONSE', 'another version');
    return answer.state;
  }

  async study(id: Digest): Promise<KnownStudy> {
    return knownStudy(id, await this.#call(OPERATIONS.readStudy, { study: id }));
  }

  /** The studies that this principal belongs to. */
  studies(): Promise<StudyPage['studies'][number][]> {
    return this.#pages(OPERATIONS.listStudies, {}, ({ studies }) => studies);
  }

  /** What was asked in a study, in the order of ids. */
  queries(study: Digest): Promise<QueryPage['queries'][number][]> {
    return this.#pages(OPERATIONS.listQueries, { study }, ({ queries }) => queries);
  }

  /** The runs of a study, in the order of ids. */
  runs(study: Digest): Promise<RunPage['runs'][number][]> {
    return this.#pages(OPERATIONS.listRuns, { study }, ({ runs }) => runs);
  }

  /** What a query would cost, as the sandbox computes it; it costs nothing to ask. */
  price(study: Digest, query: Json, rows?: number): Promise<PriceAnswer> {
    const question = { query, ...(rows !== undefined && { rows }) };
    return this.#call(OPERATIONS.priceQuery, { study }, json(question));
  }

  /** What is signed for each holder, and what it last showed to have left. */
  budget(study: Digest): Promise<StudyBudget> {
    return this.#call(OPERATIONS.readBudget, { study });
  }

  /** Signs `query` at the price computed here, and hands it in. Nothing is spent yet. */
  async submitQuery(study: Study, query: Json): Promise<QueryAnswer> {
    const { key, clock, rng } = this.#options;
    const analyst = study.analysts.find((one) => one.key === key.publicText);
    check(analyst !== undefined, 'FORBIDDEN', 'this key is no analyst key of the study');
    const plan = compileQuery(termsOf(study), query);
    const expires = new Date(clock.now().getTime() + LONGEST_LIFE_MS - SHORTENED_MS);
    const asked = { query, rho: plan.rho, expires };
    const signed = signQuery(study, asked, { name: analyst.name, key }, rng);
    const answer = await this.#call(OPERATIONS.createQuery, {}, json(signed));
    const agreed =
      answer.study === study.id &&
      answer.plan === planDigest(plan) &&
      answer.price.rho === plan.rho.toString();
    check(agreed, 'PROOF_REJECTED', 'the sandbox priced another plan');
    return answer;
  }

  query(id: Digest): Promise<QueryAnswer> {
    return this.#call(OPERATIONS.readQuery, { query: id });
  }

  /** Starts the run of a query, or returns the one that stands. This is what spends budget. */
  run(query: Digest, idempotencyKey?: string): Promise<StartedRun> {
    const headers =
      idempotencyKey === undefined ? {} : { headers: { 'idempotency-key': idempotencyKey } };
    return this.#call(OPERATIONS.startRun, { query }, headers);
  }

  runState(run: Digest): Promise<RunAnswer> {
    return this.#call(OPERATIONS.readRun, { run });
  }

  /** Every event of a run from its start, over lost connections, to its end. */
  async *events(run: Digest, signal?: AbortSignal): AsyncGenerator<RunEvent> {
    const { stream } = await this.#transport();
    yield* runEvents(stream, run, signal);
  }

  /** A release that every holder of `study` attests; `asked` is the query it must answer. */
  async release(run: Digest, study: Study, asked?: Json): Promise<Release> {
    const release = releaseOfAnswer(await this.#call(OPERATIONS.readRelease, { run }));
    check(release.id === run, 'SANDBOX_RESPONSE', 'release of another run');
    verifyRelease(release, study, asked);
    return release;
  }

  /** The log of a study, verified against the checkpoints that its holders co-signed. */
  async log(study: Digest): Promise<FetchedLog> {
    return fetchLog((await this.study(study)).signed, {
      checkpoints: () => this.#call(OPERATIONS.readLogCheckpoints, { study }),
      statements: (from) => this.#call(OPERATIONS.readStatements, { study }, {}, `?from=${from}`),
      entries: (from) => this.#call(OPERATIONS.readLogEntries, { study }, {}, `?from=${from}`),
    });
  }

  /** Waits for the end of a run: its release, or the refusal it ended with. */
  waitForRelease(run: Digest, options: WaitOptions): Promise<Release> {
    return waitForRelease(this, run, options);
  }

  #transport(): ReturnType<typeof open> {
    this.#opened ??= open(this.#options);
    return this.#opened;
  }

  async #call<Schema extends TSchema>(
    { method, path, status, answer }: Operation<Schema>,
    ids: Readonly<Record<string, string>>,
    call: RequestOptions = {},
    search = '',
  ): Promise<Static<Schema>> {
    const { request } = await this.#transport();
    const target = pathOf(path, ids) + search;
    const ask = () => request(method, target, { accept: 'application/json', ...call });
    const response = await untilTaken(ask);
    // An idempotent creation may be answered as one that was there.
    const ok = response.status === status || (status === 201 && response.status === 200);
    if (!ok) throw refusalOfResponse(response);
    return readAnswer(answer, response.body, `${method} ${target}`);
  }

  #pages<Schema extends TSchema, Item>(
    operation: Operation<Schema>,
    ids: Readonly<Record<string, string>>,
    itemsOf: (page: Static<Schema>) => readonly Item[],
  ): Promise<Item[]> {
    return allPages((search) => this.#call(operation, ids, {}, search), itemsOf);
  }
}

const json = (body: unknown): RequestOptions => ({
  body: canonicalBytes(body),
  contentType: 'application/json',
});

async function open(options: Required<Pick<ClientOptions, 'clock' | 'rng'>> & ClientOptions) {
  const { sandbox, key, clock, rng, caFile, proxy, proxyCredentialsFile } = options;
  const reach = { origin: sandbox, caFile, proxy, proxyCredentialsFile };
  const dispatcher = await createDispatcher(reach);
  const sender = { origin: sandbox, key, clock, rng, dispatcher };
  return { dispatcher, request: signedRequest(sender), stream: signedStream(sender) };
}
