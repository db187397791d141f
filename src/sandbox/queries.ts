/** Signed queries: checked, priced and kept. A price is made of public numbers only (rulings 14). @module */
import { canonicalBytes, canonicalJson, type Json, parseStrict } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import { type Digest, sha256Hex } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { SandboxStudies, StoredQuery } from '../engine/stores/sandbox-studies.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import type { Statements } from '../engine/stores/store.ts';
import { compile } from '../cohort/compile.ts';
import type { Plan } from '../cohort/plan.ts';
import { queryKey, splitKey } from '../cohort/normal-form.ts';
import { type Price, price } from '../cohort/price.ts';
import { parseQuery } from '../cohort/query.ts';
import {
  type CompiledRun,
  compileRun,
  FIRST_EPOCH,
  readRunRequest,
  type RunRequest,
  versionAsked,
} from '../flows/pooled/compile-run.ts';
import type { Clock } from '../flows/ports.ts';
import { type Study, termsOf } from '../flows/study-terms.ts';
import { verifyQuery } from '../study/signed-query.ts';
import type { Studies } from './studies.ts';

export type QueryDetail = {
  readonly id: Digest;
  readonly study: Digest;
  readonly plan: Digest;
  readonly price: Price;
};

const MOST_PLANS = 200;
const LONGEST_KEPT = 16_384;

export class Queries {
  readonly #studies: Studies;
  readonly #plans = new Map<string, Plan>();
  /** Of plans that are kept. */
  readonly #prices = new WeakMap<Plan, Price>();
  readonly #stored: SandboxStudies;
  readonly #clock: Clock;
  readonly #checkServed: (study: Study, plan: Plan) => Promise<void>;

  /** `checkServed` refuses with DEPTH what a holder's encrypted columns do not give. */
  constructor(
    studies: Studies,
    stored: SandboxStudies,
    clock: Clock,
    checkServed: (study: Study, plan: Plan) => Promise<void>,
  ) {
    this.#studies = studies;
    this.#stored = stored;
    this.#clock = clock;
    this.#checkServed = checkServed;
  }

  /** What `query` would cost in `study`. Refuses with INVALID_QUERY, OPERATION_NOT_ALLOWED or DEPTH. */
  async price(study: Study, query: Json, rows?: number): Promise<Price> {
    const plan = this.#plan(study, query);
    await this.#checkServed(study, plan);
    if (rows !== undefined) return price(plan, rows);
    const known = this.#prices.get(plan) ?? price(plan);
    this.#prices.set(plan, known);
    return known;
  }

  /** A function of public numbers alone, and the costly part of a price: the last ones are kept. */
  #plan(study: Study, query: Json): Plan {
    const asked = `${study.agreement} ${canonicalJson(query)}`;
    const found = this.#plans.get(asked);
    if (found !== undefined) return found;
    const terms = termsOf(study);
    const plan = compile(terms, parseQuery(query, terms));
    if (this.#plans.size >= MOST_PLANS) this.#plans.clear();
    if (asked.length <= LONGEST_KEPT) this.#plans.set(asked, plan);
    return plan;
  }

  /** Checks and keeps a query that `caller` signed, once. */
  async submit(study: Study, signed: Json, caller: PublicKeyText): Promise<Digest> {
    await this.#studies.checkOpen(study);
    const { key, nonce } = verifyQuery(signed, study, this.#clock.now());
    check(key === caller, 'FORBIDDEN', 'query of another analyst');
    const { plan } = compileRun(study, { query: signed, attempt: 1, epoch: FIRST_EPOCH });
    await this.#checkServed(study, plan);
    const id = sha256Hex(canonicalBytes(signed));
    const kept = await this.#stored.keepQuery({
      id,
      study: study.id,
      analyst: key,
      nonce,
      signed: canonicalJson(signed),
      queryKey: plan.queryKey,
    });
    check(kept === 'kept', 'QUERY_REPLAYED', id);
    stepDone(id, 'query');
    return id;
  }

  /** Refuses with NOT_FOUND. */
  async get(id: Digest, on?: Statements): Promise<StoredQuery> {
    const query = await this.#stored.query(id, on);
    check(query !== undefined, 'NOT_FOUND', `query ${id}`);
    return query;
  }

  /** Up to `limit` of them behind the id `after`, in the order of ids. */
  ofStudy(study: Digest, after: Digest, limit: number): Promise<StoredQuery[]> {
    return this.#stored.queriesOf(study, after, limit);
  }

  async detail(query: StoredQuery): Promise<QueryDetail> {
    const { plan, planDigest } = await this.compile(query, { attempt: 1, epoch: FIRST_EPOCH });
    return { id: query.id, study: query.study, plan: planDigest, price: price(plan) };
  }

  /** As every holder compiles it. */
  async compile(
    query: StoredQuery,
    { attempt, epoch }: Pick<RunRequest, 'attempt' | 'epoch'>,
    on?: Statements,
  ): Promise<CompiledRun> {
    const study = await this.#asked(query, on);
    return compileRun(study, { query: parseStrict(query.signed), attempt, epoch });
  }

  /** The version of the study that a query was signed under. */
  async #asked(query: StoredQuery, on?: Statements): Promise<Study> {
    const request = { query: parseStrict(query.signed) };
    return versionAsked(await this.#studies.get(query.study, on), request);
  }

  /** Refuses with QUERY_EXPIRED or STUDY_AMENDED a query that no holder would run any more. */
  async checkRunnable(query: StoredQuery, attempt: number, on?: Statements): Promise<void> {
    const request = { query: parseStrict(query.signed), attempt, epoch: FIRST_EPOCH };
    readRunRequest(request, await this.#studies.get(query.study, on), this.#clock.now());
  }

  /** The keys under which a release answers `query`: its own, and of the same table by holder. */
  async answeredBy(query: StoredQuery, on?: Statements): Promise<Digest[]> {
    const terms = termsOf(await this.#asked(query, on));
    const asked = parseQuery(questionOf(query), terms);
    return [...new Set([queryKey(terms, asked), splitKey(terms, asked)])];
  }
}

/** The query itself, without who signed it and when. */
export const questionOf = ({ signed }: StoredQuery): Json =>
  (parseStrict(signed) as { readonly query: Json }).query;
