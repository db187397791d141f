/**
 * `kakehashi verify` as an auditor calls it: on files, without the sandbox. Every field of a release
 * is altered in turn, the log is cut, reordered and forked, and each time the exit code is 5.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { cosign, writeNote } from '../../src/audit/checkpoint.ts';
import { signErasure } from '../../src/audit/erasure.ts';
import { EXCERPT_FORMAT } from '../../src/audit/excerpt.ts';
import { asRefusal } from '../../src/base/errors.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { readEvidence } from '../../src/cli/evidence.ts';
import { verifyEvidence } from '../../src/cli/verify-evidence.ts';
import type { Release } from '../../src/client/release.ts';
import { derivedRelease, releaseOf } from '../../src/sandbox/release.ts';
import { capturedIo, cli } from '../support/captured-io.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { PooledLab } from '../support/pooled-lab.ts';

import { signedStudy } from '../support/study.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'kakehashi-verify-'));
const at = (name: string): string => path.join(dir, name);
const write = (name: string, value: unknown): string => {
  writeFileSync(at(name), typeof value === 'string' ? value : JSON.stringify(value));
  return at(name);
};

let lab: PooledLab;
let first: Release;
let second: Release;
let derived: Release;
let study: string;

beforeAll(async () => {
  lab = await PooledLab.counting({ lu: 5n, jp: 7n });
  const released = async (rho: string): Promise<Release> => {
    const query = { groupBy: ['holder', 'sex'], rho };
    const run = lab.compile(query);
    const held = lab.holders.map((holder) => lab.hold(holder, run, ExactNoise));
    const [assembled] = await Promise.all([lab.assemble(run), ...held]);
    return releaseOf(run, assembled);
  };
  first = await released('1/8');
  second = await released('1/16');
  derived = derivedRelease(lab.compile({ groupBy: ['sex'], rho: '1/8' }), first);
  study = write('study.json', signedStudy(lab.study.draft, lab.studyKeys));
  write('run.json', { release: first, timings: { total: 1 } });
  write('release.json', second);
  write('derived.json', derived);
  write('receipt.json', first.receipt);
  write('first.txt', first.receipt.log.checkpoint);
  write('second.txt', second.receipt.log.checkpoint);
});
afterAll(async () => {
  lab[Symbol.dispose]();
  rmSync(dir, { recursive: true, force: true });
});

const verify = (...argv: string[]) => cli(['verify', ...argv]);
const logOf = (change: object = {}) => ({
  format: EXCERPT_FORMAT,
  study: signedStudy(lab.study.draft, lab.studyKeys),
  entries: [first, second].map(({ receipt: { log } }) => ({ entry: log.entry, salt: log.salt })),
  checkpoints: [first, second].map(({ receipt }) => receipt.log.checkpoint),
  ...change,
});

describe('what verifies', () => {
  test('a release, by the keys of the study: one sentence says what is proved and what is not', async () => {
    const { code, out } = await verify(at('run.json'), '--study', study);
    strictEqual(code, 0);
    match(
      out,
      /^ok {2}release {5}study [0-9a-f]{12} {2}\S+run\.json\nProved: every holder \(jp, lu\) /,
    );
    match(out, /signed these numbers at rho 1\/8, and co-signed a log of 1 entries that has it at/);
    match(
      out,
      /Not proved: that the holders' rows were true and their noise was drawn as they say\.\n$/,
    );
  });

  test('a receipt by its own keys says that they are nobody in particular', async () => {
    const { code, out } = await verify(at('receipt.json'), '--json');
    strictEqual(code, 0);
    const answer = JSON.parse(out) as { verified: boolean; sentence: string; files: unknown[] };
    strictEqual(answer.verified, true);
    match(answer.sentence, /Not proved: .*that these keys are those of the institutions/);
    deepStrictEqual(
      (answer.files as { keys: string }[]).map(({ keys }) => keys),
      ['itself'],
    );
    const given = [...lab.studyKeys.identity].flatMap(([name, key]) => [
      '--holder',
      `${name}=${key.publicText}`,
    ]);
    const { code: again, out: said } = await verify(at('receipt.json'), ...given);
    strictEqual(again, 0);
    ok(!said.includes('institutions'));
  });

  test('a derived release, with the study; without it only what was attested', async () => {
    strictEqual((await verify(at('derived.json'), '--study', study)).code, 0);
    strictEqual((await verify(at('derived.json'))).code, 0);
    const wrong = structuredClone(derived) as unknown as { cells: { value: number }[] };
    Object.assign(wrong.cells[0] ?? {}, { value: 1 });
    strictEqual((await verify(write('wrong.json', wrong), '--study', study)).code, 5);
  });

  test('checkpoints: a gap is said, the log or a proof closes it', async () => {
    const both = [at('first.txt'), at('second.txt'), '--study', study];
    const { code, out } = await verify(...both);
    strictEqual(code, 0);
    match(out, /Not proved: .*that the logs of 1 and 2 entries are one/);
    const whole = await verify(...both, write('log.json', logOf()));
    strictEqual(whole.code, 0);
    match(whole.out, /all checkpoints are of one log/);
    match(whole.out, /co-signed the first 2 of these 2 entries/);
    const cut = await verify(
      write('tail.json', logOf({ checkpoints: [first.receipt.log.checkpoint] })),
    );
    match(cut.out, /Not proved: .*the last 1 entries, which nobody has co-signed yet/);
  });

  test('a statement of erasure, by the key of its holder', async () => {
    const key = lab.studyKeys.identity.get('lu') ?? SigningKey.generate();
    const facts = {
      study: lab.study.id,
      holder: 'lu',
      of: { kind: 'run' as const, id: first.id },
      keys: ['run-key'],
      sandbox: null,
      at: new Date(0),
    };
    const good = write('erasure.json', signErasure(facts, key));
    strictEqual((await verify(good, '--study', study)).code, 0);
    const forged = write('forged.json', signErasure(facts, SigningKey.generate()));
    strictEqual((await verify(forged, '--study', study)).code, 5);
  });
});

type Tree = { [key: string]: unknown };
/** Every place of a document that holds a value, as the steps to it. */
function places(value: unknown, steps: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [steps];
  return Object.entries(value).flatMap(([key, item]) => places(item, [...steps, key]));
}
function altered(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value !== 'string') return 1;
  const last = value.at(-1) === '0' ? '1' : '0';
  return value.length > 30
    ? `${value.slice(0, 20)}${value[20] === 'a' ? 'b' : 'a'}${value.slice(21)}`
    : value.slice(0, -1) + last;
}

describe('what does not verify ends with exit code 5', () => {
  test('a release with any one value altered', async () => {
    const studies = new Map([[lab.study.id, lab.study]]);
    const trust = { studies, given: new Map<string, string>() };
    const all = places(second);
    ok(all.length > 60, 'the release has its values');
    // Control: as it is, it verifies.
    const { io: whole } = capturedIo(JSON.stringify(second));
    verifyEvidence([await readEvidence(whole, '-')], trust);
    for (const steps of all) {
      const copy = structuredClone(second) as unknown as Tree;
      let node = copy;
      for (const step of steps.slice(0, -1)) node = node[step] as Tree;
      const field = steps.at(-1) ?? '';
      node[field] = altered(node[field]);
      const { io } = capturedIo(JSON.stringify(copy));
      const code = await readEvidence(io, '-').then(
        (evidence) => {
          try {
            verifyEvidence([evidence], trust);
          } catch (error) {
            return asRefusal(error).code;
          }
          return 'VERIFIED';
        },
        (error: unknown) => asRefusal(error).code,
      );
      ok(['PROOF_REJECTED', 'SIGNATURE_REJECTED'].includes(code), `/${steps.join('/')}: ${code}`);
    }
  });

  test('a log that was forked, whoever signed both sides', async () => {
    const checkpoint = { study: lab.study.id, size: 1, root: 'f'.repeat(64) };
    const cosignatures = [...lab.studyKeys.identity].map(([name, key]) =>
      cosign(checkpoint, name, key),
    );
    const fork = write('fork.txt', writeNote({ checkpoint, cosignatures }));
    const { code, err } = await verify(at('first.txt'), fork, '--study', study);
    strictEqual(code, 5);
    match(err, /^The audit log does not extend the one that was co-signed before\. \(.*fork\.txt/);
    strictEqual((await verify(fork, write('log.json', logOf()))).code, 5);
    strictEqual((await verify(at('run.json'), fork, '--study', study, '--json')).code, 5);
  });

  test('a log with an entry cut, changed or exchanged', async () => {
    const { entries } = logOf();
    const bad = [entries.slice(1), [...entries].reverse(), entries.slice(0, 1)];
    for (const wrong of bad) {
      strictEqual((await verify(write('bad.json', logOf({ entries: wrong })))).code, 5);
    }
    strictEqual((await verify(write('bad.json', logOf({ study: {} })))).code, 5);
  });

  test('a checkpoint or a receipt that is damaged', async () => {
    const text = first.receipt.log.checkpoint;
    const notes = [
      text.slice(0, -1),
      text.replace('\n1\n', '\n2\n'),
      text.replace(/— lu .*\n/, ''),
    ];
    for (const note of notes) {
      strictEqual((await verify(write('bad.txt', note), '--study', study)).code, 5);
    }
    const twice = JSON.stringify(first.receipt).replace('{', '{"run":"x",');
    strictEqual((await verify(write('bad.json', twice))).code, 5);
    const old = { ...first.receipt, format: 'kakehashi/receipt/2' };
    strictEqual((await verify(write('bad.json', { ...first, receipt: old }))).code, 5);
  });
});

test('what is no evidence, or cannot be checked so, is a wrong call', async () => {
  strictEqual((await verify(write('nothing.json', { a: 1 }))).code, 2);
  strictEqual((await verify(at('absent.json'))).code, 2);
  strictEqual((await verify(at('first.txt'))).code, 2);
  strictEqual((await verify('-', '-')).code, 2);
  strictEqual((await verify()).code, 2);
  const { code, out } = await verify(at('first.txt'), '--json');
  strictEqual(code, 2);
  match(out, /urn:kakehashi:problem:USAGE/);
});
