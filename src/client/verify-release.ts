/**
 * A release, checked against what the holders signed.
 *
 * Adversary   a sandbox that shows other numbers, another query's or another study's release.
 * Checks      every holder of the study has signed, with the identity key that the study names, one
 *             receipt over (study, run, plan, digest of the body); the plan is the one that the body's
 *             query compiles to under this study, at the price and with the noise that the receipt says;
 *             a derived release shows cells of that body and nothing else.
 * Not given   that the holders computed what they attest: they are semi-honest (rulings 2).
 * @module
 */
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { check, Refusal } from '../base/errors.ts';
import { compile } from '../cohort/compile.ts';
import { queryKey, splitKey } from '../cohort/normal-form.ts';
import type { Plan } from '../cohort/plan.ts';
import { planDigest } from '../cohort/plan-digest.ts';
import { parseQuery } from '../cohort/query.ts';
import { arranged } from '../flows/pooled/arrange.ts';
import { noiseVariances, receiptSignedBy } from '../flows/pooled/receipt.ts';
import { type ReleaseBody, releaseDigest } from '../flows/pooled/release.ts';
import { type Study, termsOf } from '../flows/study-terms.ts';
import type { Release } from './release.ts';

const same = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

const prove = (condition: boolean, what: string): void => check(condition, 'PROOF_REJECTED', what);

function compiled(study: Study, json: Json): Plan {
  const terms = termsOf(study);
  return compile(terms, parseQuery(json, terms));
}

/** Every holder attests exactly this body. */
function checkReceipts({ receipt, spent, left }: Release, body: ReleaseBody, study: Study): Plan {
  prove(receipt.study === study.id, 'release of another study');
  const plan = compiled(study, body.query);
  prove(planDigest(plan) === receipt.plan, 'the plan is not that of the query');
  const { study: id, run, plan: digest } = receipt;
  const released = releaseDigest({ study: id, run, planDigest: digest }, body);
  prove(released === receipt.released, 'the body is not what was attested');
  prove(receipt.holders.length === study.holders.length, 'one receipt of every holder');
  for (const { name, identity } of study.holders) {
    const signed = receipt.holders.find((one) => one.receipt.holder === name);
    prove(signed !== undefined && receiptSignedBy(signed, identity), `receipt of ${name}`);
    const own = signed?.receipt;
    prove(
      own?.study === id && own.run === run && own.plan === digest && own.released === released,
      `receipt of ${name} is for another release`,
    );
    prove(
      own?.rho === plan.rho.toString() && same(own.law.variances, noiseVariances(plan)),
      `receipt of ${name} names another price or noise`,
    );
    prove(
      same(own?.account.spent, spent[name]) && same(own?.account.left, left[name]),
      `account of ${name}`,
    );
  }
  return plan;
}

/** A derived release holds cells of the attested body, under its own names and in its own order. */
function checkDerived(release: Release, source: ReleaseBody, from: Plan, study: Study): void {
  const terms = termsOf(study);
  const asked = parseQuery(release.query, terms);
  const answers = [queryKey(terms, asked), splitKey(terms, asked)];
  prove(answers.includes(from.queryKey), 'derived from another query');
  const plan = compile(terms, asked);
  // Names are no part of the normal form: measures correspond by position.
  const names = from.measures.map(({ name }) => name);
  const { cells, curves, tests } = arranged(plan, asked.groupBy, source, names);
  const expected = { cells, curves, tests, privacy: source.privacy };
  const shown = {
    cells: release.cells,
    curves: release.curves,
    tests: release.tests,
    privacy: release.privacy,
  };
  prove(same(expected, shown), 'a derived release of what was not attested');
}

/**
 * Refuses with PROOF_REJECTED a release that the holders of `study` did not attest, or that
 * answers another query than `asked`.
 */
export function verifyRelease(release: Release, study: Study, asked?: Json): void {
  try {
    if (asked !== undefined) prove(same(release.query, asked), 'answer to another query');
    const { query, cells, curves, tests, privacy, receipt } = release;
    const body = receipt.source ?? { query, cells, curves, tests, privacy };
    const plan = checkReceipts(release, body, study);
    if (receipt.source !== undefined) checkDerived(release, receipt.source, plan, study);
    else prove(release.id === receipt.run, 'release of another run');
  } catch (cause) {
    if (cause instanceof Refusal && cause.code === 'PROOF_REJECTED') throw cause;
    // A query that does not compile, a signature that is none: not a proof either.
    throw new Refusal('PROOF_REJECTED', 'release', undefined, { cause });
  }
}
