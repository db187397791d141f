/** Grants: four eyes in every country, and everything that is refused. */
import { deepStrictEqual, equal, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { canonicalJson, type Json, parseStrict } from '../../src/base/canonical-json.ts';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { readDraft, type Study } from '../../src/flows/study-terms.ts';
import {
  approveGrant,
  checkGrant,
  grantEyes,
  proposeGrant,
  readSignedGrant,
  type SignedGrant,
  signedGrantJson,
} from '../../src/study/grant.ts';
import { refusal } from '../support/refusal.ts';
import { studyDraft, studyKeys } from '../support/study.ts';

const KEYS = studyKeys(['jp', 'lu']);
const STEWARDS = {
  lu: [KEYS.steward.get('lu') as SigningKey, SigningKey.generate(), SigningKey.generate()],
  jp: [KEYS.steward.get('jp') as SigningKey, SigningKey.generate()],
};
const NOW = new Date('2026-03-01T12:00:00.000Z');
const EXPIRES = new Date('2026-03-15T12:00:00.000Z');

const withStewards = (title = 'People by sex and age'): Study => {
  const draft = studyDraft(KEYS) as { holders: { name: 'jp' | 'lu' }[] };
  const holders = draft.holders.map((holder) => ({
    ...holder,
    stewards: { need: 1, keys: STEWARDS[holder.name].map(({ publicText }) => publicText) },
  }));
  return readDraft(parseStrict(canonicalJson({ ...draft, title, holders })));
};
const STUDY = withStewards();
const [lu1, lu2, lu3] = STEWARDS.lu as [SigningKey, SigningKey, SigningKey];
const [jp1, jp2] = STEWARDS.jp as [SigningKey, SigningKey];

const proposal = (amounts = { lu: { rho: '1/8', delta: '0/1' } }): SignedGrant =>
  proposeGrant(
    STUDY,
    { amounts, reason: 'follow-up of the first year', expires: EXPIRES },
    { holder: 'lu', key: lu1 },
    systemRng,
  );
const signedBy = (...keys: ['jp' | 'lu', SigningKey][]): SignedGrant =>
  keys.reduce((signed, [holder, key]) => approveGrant(STUDY, signed, holder, key), proposal());
const FULL = (): SignedGrant => signedBy(['lu', lu2], ['jp', jp1], ['jp', jp2]);

describe('a grant', () => {
  test('stands when two stewards of every holder have signed, in any order', () => {
    checkGrant(STUDY, FULL(), NOW);
    checkGrant(STUDY, signedBy(['jp', jp2], ['jp', jp1], ['lu', lu3]), NOW);
    const again = readSignedGrant(signedGrantJson(FULL()), STUDY);
    deepStrictEqual(grantEyes(STUDY, again), [
      { holder: 'jp', given: 2, need: 2 },
      { holder: 'lu', given: 2, need: 2 },
    ]);
  });

  test('attack: self-approval by who proposed it', () => {
    throws(() => approveGrant(STUDY, proposal(), 'lu', lu1), refusal('SELF_APPROVAL'));
    const { grant, signatures } = signedBy(['jp', jp1], ['jp', jp2]);
    const twice = { grant, signatures: [...signatures, ...signatures.slice(0, 1)] };
    throws(() => checkGrant(STUDY, twice, NOW), refusal('SIGNATURE_REJECTED'));
    throws(() => checkGrant(STUDY, { grant, signatures }, NOW), refusal('GRANT_UNSIGNED'));
  });

  test('attack: two eyes in one of the countries', () => {
    throws(
      () => checkGrant(STUDY, signedBy(['lu', lu2], ['jp', jp1]), NOW),
      refusal('GRANT_UNSIGNED'),
    );
    const own = signedBy(['lu', lu2], ['lu', lu3]);
    throws(() => checkGrant(STUDY, own, NOW), refusal('GRANT_UNSIGNED'));
  });

  test('attack: a steward of one holder signs for the other; a stranger signs', () => {
    throws(() => approveGrant(STUDY, proposal(), 'jp', lu2), refusal('FORBIDDEN'));
    throws(
      () => approveGrant(STUDY, proposal(), 'jp', SigningKey.generate()),
      refusal('FORBIDDEN'),
    );
    const { grant, signatures } = FULL();
    const moved = signatures.map((one) => (one.holder === 'jp' ? { ...one, holder: 'lu' } : one));
    throws(
      () => checkGrant(STUDY, { grant, signatures: moved }, NOW),
      refusal('SIGNATURE_REJECTED'),
    );
  });

  test('attack: signatures under another amount, reason, holder or study', () => {
    const { signatures } = FULL();
    const text = FULL().grant.text as Record<string, Json>;
    for (const change of [
      { amounts: { lu: { rho: '1/1', delta: '0/1' } } },
      { amounts: { jp: { rho: '1/8', delta: '0/1' } } },
      { reason: 'another' },
      { nonce: 'AAAAAAAAAAAAAAAAAAAAAA' },
    ]) {
      const json = { grant: { ...text, ...change }, signatures } as unknown as Json;
      const changed = readSignedGrant(json, STUDY);
      throws(() => checkGrant(STUDY, changed, NOW), refusal('SIGNATURE_REJECTED'));
    }
    throws(
      () => readSignedGrant(signedGrantJson(FULL()), withStewards('another')),
      refusal('STUDY_UNKNOWN'),
    );
  });

  test('is late from its expiry on', () => {
    checkGrant(STUDY, FULL(), new Date(EXPIRES.getTime() - 1));
    throws(() => checkGrant(STUDY, FULL(), EXPIRES), refusal('GRANT_EXPIRED'));
  });

  test('refuses amounts that are none, holders that are none, unknown fields', () => {
    const base = proposal().grant.text as Record<string, Json>;
    for (const change of [
      { amounts: {} },
      { amounts: { lu: { rho: '0/1', delta: '0/1' } } },
      { amounts: { lu: { rho: '-1/8', delta: '0/1' } } },
      { amounts: { lu: { rho: '2/16', delta: '0/1' } } },
      { amounts: { lu: { rho: '1e309', delta: '0/1' } } },
      { amounts: { lu: { rho: '1/8', delta: '1/1' } } },
      { amounts: { lu: { rho: '1/8', delta: '-1/8' } } },
      { amounts: { fr: { rho: '1/8', delta: '0/1' } } },
      { reason: 'two\nlines' },
      { expires: '2026-02-31T00:00:00.000Z' },
      { more: 1 },
    ]) {
      const json = { grant: { ...base, ...change }, signatures: [] } as unknown as Json;
      throws(() => readSignedGrant(json, STUDY), refusal('INVALID_GRANT'), JSON.stringify(change));
    }
    const stranger = { holder: 'lu', key: SigningKey.generate().publicText };
    const json = { grant: { ...base, proposer: stranger }, signatures: [] } as unknown as Json;
    throws(() => readSignedGrant(json, STUDY), refusal('FORBIDDEN'));
  });

  test('has another id each time it is proposed, and the same one whoever reads it', () => {
    equal(proposal().grant.id === proposal().grant.id, false);
    const signed = FULL();
    equal(readSignedGrant(signedGrantJson(signed), STUDY).grant.id, signed.grant.id);
  });
});
