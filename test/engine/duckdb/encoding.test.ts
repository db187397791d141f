/** Text in the encodings of hospital systems gives the epoch of the same text in UTF-8, or a refusal. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'vitest';
import { Refusal } from '../../../src/base/errors.ts';
import type { EncodingName } from '../../../src/engine/duckdb/text-encoding.ts';
import { refusal } from '../../support/refusal.ts';
import { scratch } from '../../support/scratch.ts';
import { load, section } from './loaded.ts';

const latin = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const utf16le = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf16le'));
const utf16be = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf16le').swap16());

/** Shift_JIS of the characters used here: JIS X 0208 and half-width kana, from the code charts. */
const SHIFT_JIS: Readonly<Record<string, readonly number[]>> = {
  年: [0x94, 0x4e],
  齢: [0x97, 0xee],
  男: [0x92, 0x6a],
  女: [0x8f, 0x97],
  性: [0x90, 0xab],
  別: [0x95, 0xca],
  // Second bytes that are a backslash and a vertical bar in ASCII.
  表: [0x95, 0x5c],
  ポ: [0x83, 0x7c],
  ｱ: [0xb1],
  '①': [0x87, 0x40],
  '～': [0x81, 0x60],
};
const shiftJis = (text: string): Uint8Array =>
  Uint8Array.from(Array.from(text, (c) => SHIFT_JIS[c] ?? [c.charCodeAt(0)]).flat());

const EUROPEAN = section({
  columns: {
    'Âge à la visite': { type: 'integer', min: 0, max: 110 },
    sexe: { type: 'category', domain: ['féminin', 'männlich', 'ÿþ'] },
  },
});
const EUROPEAN_TEXT = 'pid;Âge à la visite;sexe\nMüller;40;féminin\nÉtienne;41;männlich\nß;42;ÿþ\n';

const JAPANESE = section({
  columns: {
    年齢: { type: 'integer', min: 0, max: 110 },
    性別: { type: 'category', domain: ['男', '女', '表', 'ポ', 'ｱ', '①～'] },
  },
});
const JAPANESE_TEXT = 'pid,年齢,性別\n表1,40,男\n女2,41,女\n3,42,表\n4,43,"ポ"\n5,44,ｱ\n6,45,①～\n';

const noNulls = (report: { columns: readonly { nulls: number; outOfDomain: number }[] }): boolean =>
  report.columns.every(({ nulls, outOfDomain }) => nulls + outOfDomain === 0);

describe('the same epoch as in UTF-8', () => {
  const cases: [string, typeof EUROPEAN, string, Uint8Array, EncodingName][] = [
    ['latin-1', EUROPEAN, EUROPEAN_TEXT, latin(EUROPEAN_TEXT), 'latin-1'],
    ['windows-1252', EUROPEAN, EUROPEAN_TEXT, latin(EUROPEAN_TEXT), 'windows-1252'],
    ['utf-16 LE', EUROPEAN, EUROPEAN_TEXT, utf16le(`\ufeff${EUROPEAN_TEXT}`), 'utf-16'],
    ['utf-16 BE, found', JAPANESE, JAPANESE_TEXT, utf16be(`\ufeff${JAPANESE_TEXT}`), 'auto'],
    ['utf-8 with a mark', JAPANESE, `\ufeff${JAPANESE_TEXT}`, Buffer.from(JAPANESE_TEXT), 'utf-8'],
    ['shift_jis', JAPANESE, JAPANESE_TEXT, shiftJis(JAPANESE_TEXT), 'shift_jis'],
  ];
  for (const [name, cohort, text, bytes, encoding] of cases) {
    test(name, async () => {
      const directory = scratch();
      const { report } = await load(cohort, [bytes], { encoding, directory });
      deepStrictEqual(report, (await load(cohort, [text])).report);
      ok(noNulls(report), 'every category was recognised');
      // The copy in UTF-8 is gone.
      equal(readdirSync(directory).length, 2);
    });
  }

  test('over chunks: a character and a line are cut anywhere', async () => {
    const rows = Array.from({ length: 12_000 }, (_, i) => `表${i}${'ポ'.repeat(i % 110)},40,女\n`);
    const text = `pid,年齢,性別\n${rows.join('')}`;
    const cut = await load(JAPANESE, [shiftJis(text)], { encoding: 'shift_jis' });
    deepStrictEqual(cut.report, (await load(JAPANESE, [text])).report);
    equal(cut.report.people, 12_000);
  });

  test('windows-1252 has the letters that latin-1 lacks', async () => {
    const cohort = section({
      columns: { x: { type: 'category', domain: ['œuvre', '5 €', '“a”'] } },
    });
    const bytes = latin('pid,x\n1,\x9cuvre\n2,5 \x80\n3,\x93a\x94\n');
    ok(noNulls((await load(cohort, [bytes], { encoding: 'windows-1252' })).report));
    await rejects(load(cohort, [bytes], { encoding: 'latin-1' }), refusal('COHORT_UNREADABLE'));
  });
});

describe('refused, with the line and without a text of it', () => {
  const bad = (head: string, ...bytes: number[]): Uint8Array =>
    Uint8Array.from([...shiftJis(head), ...bytes]);
  const cases: [string, EncodingName, Uint8Array, string][] = [
    ['latin-1 unnamed', 'auto', latin(EUROPEAN_TEXT), 'file 1: line 1: not utf-8; name its'],
    ['shift_jis unnamed', 'auto', shiftJis(JAPANESE_TEXT), 'file 1: line 1: not utf-8; name its'],
    ['shift_jis as utf-8', 'utf-8', shiftJis('pid,a\n1,表\n'), 'file 1: line 2: not utf-8'],
    ['latin-1 as shift_jis', 'shift_jis', latin('pid,a\n1,x\n2,é\n'), 'line 3: not shift_jis'],
    ['a lead byte before a line end', 'shift_jis', bad('pid\n表\n', 0x95, 0x0a, 0x31), 'line 3'],
    ['a lead byte at the end', 'shift_jis', bad('pid\n1\n2\n', 0x95), 'line 4: not shift_jis'],
    ['an unassigned pair', 'shift_jis', bad('pid\n1\n', 0x85, 0x40, 0x0a), 'line 3: not shift_jis'],
    ['half a unit', 'auto', utf16le('\ufeffpid,a\n1,2\n').subarray(0, -1), 'line 2: not utf-16le'],
    ['a lone surrogate', 'auto', utf16le('\ufeffpid\n1\n\ud800x\n2\n'), 'line 3: not utf-16le'],
    ['one in BE', 'utf-16', utf16be('\ufeffpid\n1\n2\n\ud800x\n'), 'line 4: not utf-16be'],
    ['utf-16 without a mark', 'utf-16', utf16le('pid\n1\n'), 'without a byte order mark'],
    ['a mark of another', 'latin-1', Buffer.from('\ufeffpid\n1\n'), 'byte order mark of utf-8'],
    ['a mark of another', 'utf-8', utf16be('\ufeffpid\n1\n'), 'byte order mark of utf-16'],
    ['a zero byte', 'shift_jis', latin('pid\n1\0\n'), 'line 2: not shift_jis'],
    ['utf-32', 'auto', Uint8Array.from([0xff, 0xfe, 0, 0, 0x70, 0, 0, 0]), 'line 1: not utf-16le'],
    ['a cut character', 'auto', Buffer.from('pid\n1\né').subarray(0, -1), 'line 3: not utf-8'],
  ];
  for (const [name, encoding, bytes, detail] of cases) {
    test(`${name} (${encoding})`, async () => {
      const directory = scratch();
      await rejects(load(EUROPEAN, [bytes], { encoding, directory }), (error) => {
        ok(error instanceof Refusal && refusal('COHORT_UNREADABLE')(error));
        ok(error.detail.includes(detail), error.detail);
        equal(error.cause, undefined);
        return true;
      });
      deepStrictEqual(readdirSync(directory), ['part-0.csv']);
    });
  }

  test('an encoding that is none', async () => {
    const encoding = 'latin-9' as EncodingName;
    await rejects(load(EUROPEAN, ['pid\n'], { encoding }), refusal('INVALID_PARAMETER'));
  });
});
