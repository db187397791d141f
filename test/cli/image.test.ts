/** An image on files, from a binary to the signatures of its author and of a party. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { cli } from '../support/captured-io.ts';
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
