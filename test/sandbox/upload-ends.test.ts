/** The operator's statement about a run: one key for each holder and program, however many of both there are. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { MOST_KEYS, type SignedErasure, verifyErasure } from '../../src/audit/erasure.ts';
import { canonicalJson, parseStrict } from '../../src/base/canonical-json.ts';
import { MAX_HOLDERS, MAX_MEASURES } from '../../src/base/limits.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { UploadEnds, type UploadEndsOptions } from '../../src/sandbox/upload-ends.ts';
import { Wakeups } from '../../src/sandbox/wakeups.ts';
import { silentLog } from '../support/memory-ports.ts';

const [STUDY, RUN] = ['a'.repeat(64), 'b'.repeat(64)];
const operator = SigningKey.generate();

const pad = (n: number): string => String(n).padStart(2, '0');
/** As many holders as a study may have, with the longest names; each asked again once for every program. */
const uploads = Array.from({ length: MAX_HOLDERS * MAX_MEASURES * 2 }, (_, i) => ({
  ...{ upload: i.toString(16).padStart(64, '0'), study: STUDY, run: RUN, image: 'c'.repeat(64) },
  holder: `h${pad(i % MAX_HOLDERS)}`.padEnd(31, 'x'),
  block: Math.floor(i / MAX_HOLDERS) % MAX_MEASURES,
  ...{ chunks: 3, bytes: 2 ** 20, expires: new Date(0), destroyed: true },
}));

test('of the most holders and programs it is read, and verified', async () => {
  let stated: SignedErasure | undefined;
  const options = {
    uploads: { left: async () => [], live: [] },
    stored: {
      expired: async () => [],
      ended: async () => [{ run: RUN, study: STUDY }],
      of: async () => uploads,
      state: async (_tx: unknown, _study: string, _run: string, signed: SignedErasure) => {
        stated = signed;
        return true;
      },
    },
    store: { immediate: (work: (tx: unknown) => unknown) => work(undefined) },
    forget: async () => undefined,
    record: { uploadsErased: async () => undefined },
    runs: { get: async () => undefined },
    ...{ key: operator, clock: { now: () => new Date(0) }, log: silentLog },
    ...{ wakeups: new Wakeups(), closing: new AbortController().signal },
  } as unknown as UploadEndsOptions;
  await new UploadEnds(options).sweep();
  const read = parseStrict(canonicalJson(stated)) as unknown as SignedErasure;
  const { keys, sandbox } = verifyErasure(read, operator.publicText);
  strictEqual(keys.length, MOST_KEYS);
  deepStrictEqual(keys, [...keys].sort());
  strictEqual(sandbox?.ciphertexts, 3 * uploads.length);
});
