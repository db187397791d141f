/** An image on files, from a binary to the signatures of its author and of a party. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { SigningKey } from '../../src/base/sign.ts';
import { cli } from '../support/captured-io.ts';
import { json } from '../support/institutions.ts';
import { declarationFor } from '../support/image.ts';
import { scratch } from '../support/scratch.ts';
import { signedStudy, studyDraft, studyKeys } from '../support/study.ts';
import { saveKey } from '../../src/engine/keys.ts';
import type { Json } from '../../src/base/canonical-json.ts';
import { answering, i64, RESERVE, wasm } from '../support/wasm-text.ts';
import * as write from '../../src/image/wasm/writer.ts';
import { concat } from '../../src/base/bytes.ts';

const BINARY = wasm({ functions: [RESERVE, [[], answering(...i64(7n))]] });
const IMPORTING = wasm({
  imports: write.vector([concat(write.name('env'), write.name('f'), write.bytes(0, 0))]),
  functions: [RESERVE, RESERVE],
});

type Shown = {
  readonly digest: string;
  readonly signatures: readonly { readonly role: string }[];
  readonly clause?: Json;
};

test('built, shown, signed by its author and by a party of a study that names it', async () => {
  const directory = scratch();
  const at = (name: string): string => path.join(directory, name);
  writeFileSync(at('program.wasm'), BINARY);
  writeFileSync(at('declaration.json'), JSON.stringify(declarationFor(BINARY)));
  const author = (await cli(['keygen', at('author.pem')])).out.trim();
  const build = ['image', 'build', at('program.wasm'), '--declaration', at('declaration.json')];
  const built = await cli([...build, '--out', at('a.tar'), '--key', at('author.pem')]);
  strictEqual(built.code, 0, built.err);
  match(built.out, /answers {2}once for each block of people/);

  const keys = studyKeys(['lu', 'jp']);
  const parties = [...keys.steward.values()].map(({ publicText }) => publicText);
  const asked = ['--author', author, '--party', ...parties, '--json'];
  const shown = JSON.parse((await cli(['image', 'show', at('a.tar'), ...asked])).out) as Shown;
  deepStrictEqual(
    shown.signatures.map(({ role }) => role),
    ['author'],
  );

  const draft = studyDraft(keys, { images: [shown.clause ?? null] });
  writeFileSync(at('study.json'), JSON.stringify(signedStudy(draft, keys)));
  const words = await cli(['study', 'show', at('study.json')]);
  match(words.out, new RegExp(`image +${shown.digest}`));
  match(words.out, /1000000 units of fuel/);

  const steward = keys.steward.get('lu');
  if (steward !== undefined) await saveKey(at('steward.pem'), steward);
  const sign = ['image', 'sign', at('a.tar'), '--study', at('study.json'), '--json'];
  const signed = await cli([...sign, '--key', at('steward.pem'), '--out', at('b.tar')]);
  strictEqual(signed.code, 0, signed.err);
  deepStrictEqual(
    (JSON.parse(signed.out) as Shown).signatures.map(({ role }) => role),
    ['author', 'party'],
  );
  // The author is no party, and says so.
  const refused = await cli([...sign, '--key', at('author.pem'), '--out', at('c.tar')]);
  deepStrictEqual(
    [refused.code, (JSON.parse(refused.out) as { type: string }).type],
    [1, 'urn:kakehashi:problem:FORBIDDEN'],
  );
});

/** An archive of BINARY without signatures, and what else is asked for it. */
async function archive() {
  const directory = scratch();
  const at = (name: string): string => path.join(directory, name);
  writeFileSync(at('program.wasm'), BINARY);
  writeFileSync(at('declaration.json'), JSON.stringify(declarationFor(BINARY)));
  const build = ['image', 'build', at('program.wasm'), '--declaration', at('declaration.json')];
  strictEqual((await cli([...build, '--out', at('a.tar')])).code, 0);
  return at;
}

test('--need is how many of the parties must sign, and is held to them', async () => {
  const at = await archive();
  const [author, one, two] = Array.from({ length: 3 }, () => SigningKey.generate().publicText);
  const show = (...more: readonly string[]) =>
    cli(['image', 'show', at('a.tar'), '--json', ...more]);
  const parties = ['--author', author ?? '', '--party', one ?? '', two ?? ''];
  const needed = async (...more: readonly string[]) => {
    const { clause } = JSON.parse((await show(...parties, ...more)).out) as Shown & {
      clause: { signers: { parties: { need: number } } };
    };
    return clause.signers.parties.need;
  };
  strictEqual(await needed(), 2, 'all');
  strictEqual(await needed('--need', '1'), 1);
  for (const wrong of [
    [...parties, '--need', '3'],
    [...parties, '--need', '0'],
    ['--need', '1'],
    ['--author', author ?? '', '--need', '1'],
    ['--party', one ?? ''],
    ['--operator', `a=${one}`],
    [...parties, '--operator', `a=${one}`, '--operator', `b=${two}`],
  ]) {
    strictEqual((await show(...wrong)).code, 2, wrong.join(' '));
  }
});

test('tried over synthetic rows, behind the walls of a holder', async () => {
  const at = await archive();
  writeFileSync(at('draft.json'), JSON.stringify(studyDraft(studyKeys(['lu', 'jp']))));
  const asked = ['image', 'test', at('a.tar'), '--study', at('draft.json'), '--rows', '40'];
  const walls = ['--boundary', 'process', '--blocks', '8', '--json'];
  const tried = await json([...asked, '--holder', 'lu', ...walls]);
  deepStrictEqual([tried['calls'], tried['failed']], [8, 0]);
  // `reserve` has one constant; `run` seven and three stores at 16; each has a head at 1.
  strictEqual(tried['fuel'], 2 + 1 + 7 + 3 * 16);
  const [field] = tried['fields'] as { name: string; min: number; max: number }[];
  deepStrictEqual([field?.name, field?.min, field?.max], ['answer', 7, 7]);
  const nobody = await cli([...asked, '--holder', 'fr', ...walls]);
  ok(nobody.code !== 0 && nobody.out.includes('urn:kakehashi:problem:'), nobody.out);
  strictEqual((await cli([...asked, '--blocks', '4'])).code, 2);
}, 60_000);

test('what no holder would run is not built', async () => {
  const directory = scratch();
  const at = (name: string): string => path.join(directory, name);
  writeFileSync(at('program.wasm'), IMPORTING);
  const wanted = { ...declarationFor(BINARY), fields: [{ name: 'a', min: 0, max: 1, default: 0 }] };
  writeFileSync(at('good.json'), JSON.stringify(wanted));
  writeFileSync(at('bad.json'), JSON.stringify({ ...wanted, memory: 0 }));
  const build = (of: string) =>
    cli([
      'image',
      'build',
      at('program.wasm'),
      '--declaration',
      at(of),
      '--out',
      at('x.tar'),
      '--json',
    ]);
  const errors = async (of: string) =>
    (JSON.parse((await build(of)).out) as { errors: { pointer: string; code: string }[] }).errors;
  deepStrictEqual(await errors('good.json'), [{ pointer: '', code: 'WASM_IMPORTS' }]);
  deepStrictEqual(await errors('bad.json'), [{ pointer: '/memory', code: 'OUT_OF_RANGE' }]);
  strictEqual((await build('bad.json')).code, 2);
});
