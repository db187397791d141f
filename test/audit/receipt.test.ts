/** The format of an attestation says what is attested, and whether the study was amended. */
import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'vitest';
import { ATTESTATION_FORMATS, readReceipt, RECEIPT_FORMAT } from '../../src/audit/receipt.ts';
import type { Json } from '../../src/base/canonical-json.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { refusal } from '../support/refusal.ts';

const D = 'a'.repeat(64);
const key = SigningKey.generate();
const amounts = { rho: '1/10', delta: '0/1' };
const NOISE = { name: 'discrete-gaussian', variances: ['4/1'] };
const CHOICE = { name: 'chosen', mechanisms: [{ name: 'top', epsilon: '1/2' }] };
const evidence = {
  ...{ evidence: 'software', block: 0, image: D, place: 'holder', metered: D, runner: D },
  ...{ boundary: 'bubblewrap', seccomp: true, memory: 1, fuel: 1, input: D },
};
const OF: Record<keyof typeof ATTESTATION_FORMATS, Record<string, Json>> = {
  sums: { law: NOISE },
  chosen: { law: CHOICE },
  programs: { law: NOISE, images: [evidence] },
  chosenPrograms: { law: CHOICE, images: [evidence] },
};

const read = (members: Record<string, Json>): string => {
  const attestation = {
    ...{ study: D, run: D, plan: D, holder: 'lu', rho: '1/10', charged: true, heads: {} },
    ...{ account: { spent: amounts, left: amounts }, released: D },
    ...members,
  };
  const signed = { attestation, key: key.publicText, signature: 'A'.repeat(86) };
  const log = { entry: {}, salt: '0'.repeat(32), index: 0, path: [], checkpoint: '' };
  const receipt = { format: RECEIPT_FORMAT, study: D, run: D, plan: D, released: D };
  const found = readReceipt({ ...receipt, holders: [signed], log });
  return found.holders[0]?.attestation.format ?? '';
};

const formats = Object.entries(ATTESTATION_FORMATS) as [keyof typeof OF, readonly string[]][];
for (const [of, [first = '', later = '']] of formats) {
  const members = OF[of];
  const amended = { agreement: D, previous: D };
  test(`${of}: one format under a first version, and one that names the version under an amended study`, () => {
    deepStrictEqual(read({ format: first, ...members }), first);
    deepStrictEqual(read({ format: later, ...members, amended }), later);
    const malformed = refusal('MALFORMED_MESSAGE');
    throws(() => read({ format: first, ...members, amended }), malformed);
    throws(() => read({ format: later, ...members }), malformed);
    // What is attested is what the format says.
    for (const [other, [format = '']] of formats)
      if (other !== of) throws(() => read({ format, ...members }), malformed, other);
  });
}

test('a format is in the table once', () => {
  const all = Object.values(ATTESTATION_FORMATS).flat();
  deepStrictEqual(
    [...all].sort(),
    Array.from({ length: 8 }, (_, i) => `kakehashi/attestation/${i + 1}`),
  );
});
