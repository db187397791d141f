/**
 * A release, checked against what the holders signed.
 *
 * Adversary   a sandbox that shows other numbers, another query's or another study's release.
 * Checks      the receipt (audit/receipt.ts) by the identity keys that the study names: every holder
 *             attests (study, run, plan, digest of the body), and the release is in the log that all of
 *             them co-signed; the plan is the one that the body's query compiles to under this study, at
 *             the price and with the noise that the receipt says; a derived release shows cells of
 *             that body and nothing else.
 * Not given   that the holders computed what they attest: they are semi-honest (rulings 2).
 * @module
 */
import { evidenceIn, verifyReceipt } from '../audit/receipt.ts';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { tablesOf } from '../analysis/released.ts';
import { check, Refusal } from '../base/errors.ts';
import { compile } from '../cohort/compile.ts';
import { queryKey, splitKey } from '../cohort/normal-form.ts';
import { measureNames } from '../cohort/blocks.ts';
import type { Plan } from '../cohort/plan.ts';
import { planDigest } from '../cohort/plan-digest.ts';
import { parseQuery } from '../cohort/query.ts';
import { arranged } from '../flows/pooled/arrange.ts';
import { attestedLaw, checkEvidence } from '../flows/pooled/attestation.ts';
import { type ReleaseBody, releaseDigest } from '../flows/pooled/release.ts';
import { type Study, termsOf } from '../flows/study-terms.ts';
import { versionOf } from '../study/versions.ts';
import type { Release } from './release.ts';

const same = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

const prove = (condition: boolean, what: string): void => check(condition, 'PROOF_REJECTED', what);

function compiled(study: Study, json: Json): Plan {
  const terms = termsOf(study);
  return compile(terms, parseQuery(json, terms));
}

/** The version of `study` that the holders attest. */
function attested({ receipt }: Release, study: Study): Study {
  const agreement = receipt.holders[0]?.attestation.amended?.agreement ?? study.id;
  const version = versionOf(study, agreement);
  check(version !== undefined, 'PROOF_REJECTED', 'of a version of the study that was not given');
  return version;
}

/** The receipt holds, and every holder attests exactly this body. */
function checkReceipts({ receipt, spent, left }: Release, body: ReleaseBody, study: Study): Plan {
  prove(receipt.study === study.id, 'release of another study');
  const plan = compiled(study, body.query);
  prove(planDigest(plan) === receipt.plan, 'the plan is not that of the query');
  const { study: id, run, plan: digest } = receipt;
  const released = releaseDigest({ study: id, run, planDigest: digest }, body);
  prove(released === receipt.released, 'the body is not what was attested');
  // Of a linked query the two holders between whom it is.
  const holders = study.holders.filter(({ name }) => plan.holders.includes(name));
  verifyReceipt(receipt, new Map(holders.map(({ name, identity }) => [name, identity])));
  for (const { attestation: own } of receipt.holders) {
    const { format, holder, law, account } = own;
    const images = evidenceIn(own);
    checkEvidence(plan, images);
    prove(
      own.rho === plan.rho.toString() &&
        same(
          { format, law, ...(images.length > 0 && { images }) },
          attestedLaw(plan, images, own.amended),
        ),
      `attestation of ${holder} names another price or noise`,
    );
    prove(
      same(account.spent, spent[holder]) && same(account.left, left[holder]),
      `account of ${holder}`,
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
  const names = measureNames(from);
  const expected = {
    ...arranged(plan, asked.groupBy, source, names),
    privacy: source.privacy,
  };
  const shown = { ...tablesOf(release), privacy: release.privacy };
  prove(same(expected, shown), 'a derived release of what was not attested');
}

/**
 * Refuses with PROOF_REJECTED a release that the holders of `study` did not attest, or that
 * answers another query than `asked`. Gives the holders that had a part in it.
 */
export function verifyRelease(release: Release, study: Study, asked?: Json): readonly string[] {
  try {
    if (asked !== undefined) prove(same(release.query, asked), 'answer to another query');
    const { query, privacy, receipt } = release;
    const body = receipt.source ?? { query, ...tablesOf(release), privacy };
    const version = attested(release, study);
    const plan = checkReceipts(release, body, version);
    if (receipt.source !== undefined) checkDerived(release, receipt.source, plan, version);
    else prove(release.id === receipt.run, 'release of another run');
    return plan.holders;
  } catch (cause) {
    if (cause instanceof Refusal && cause.code === 'PROOF_REJECTED') throw cause;
    // A query that does not compile, a signature that is none: not a proof either.
    throw new Refusal('PROOF_REJECTED', 'release', undefined, { cause });
  }
}
