/**
 * An image between institutions, by the shipped command: refused free while it is not there and while a party
 * has not signed, run when all have; and nothing of a row is left anywhere but in the loaded cohort.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { filesBelow } from '../support/canary.ts';
import { Institutions, json } from '../support/institutions.ts';
import { pushImage, SERIAL, signByAll, studiedImage } from '../support/studied-image.ts';

const IMAGE = studiedImage();
const { digest, query } = IMAGE;
const OPTIONS = IMAGE.options('2/1', () => Array.from({ length: 40 }, () => SERIAL));

type Verified = readonly {
  readonly images: readonly { holder: string; block: number; image: string }[];
}[];

type Released = { readonly release: { readonly estimates: readonly { readonly value: number }[] } };

const answerOf = (out: string): number =>
  (JSON.parse(out) as Released).release.estimates[0]?.value ?? Number.NaN;

test('an image from refusal to release', async () => {
  const here = new Institutions();
  await here.open(OPTIONS);
  const spent = async (): Promise<unknown> => (await here.ledger('lu'))['spent'];
  const nothing = await spent();

  const missing = await here.ask(query('1/2'));
  strictEqual(missing.code, 1);
  match(missing.out + missing.err, /IMAGE_MISSING|not been pushed/);

  const archive = here.at('image.tar');
  IMAGE.write(archive);
  strictEqual((await pushImage(here, archive))['signed'], false);
  const unsigned = await here.ask(query('1/3'));
  strictEqual(unsigned.code, 4);
  deepStrictEqual(await spent(), nothing);

  await signByAll(here, archive);
  const answered = await here.ask(query('1/1'));
  strictEqual(answered.code, 0, answered.err);
  // Nearly every block is cut to the upper bound: 40 people, 8 blocks.
  ok(answerOf(answered.out) > 75, answered.out);

  // Inside one holder, as the median of the same answers; the auditor reads which program ran for it.
  const chosen = await here.ask({
    ...query('1/1'),
    holders: ['lu'],
    measures: [{ name: 'm', image: { digest, blocks: 8, aggregate: 'median' } }],
  });
  strictEqual(chosen.code, 0, chosen.err);
  const receipt = here.at('median.json');
  writeFileSync(receipt, chosen.out);
  const proved = await json(['verify', receipt, '--study', here.studyFile]);
  match(
    String(proved['sentence']),
    new RegExp(`lu that image ${digest.slice(0, 12)} ran at its place behind bubblewrap`),
  );
  const [{ images } = { images: [] }] = proved['files'] as Verified;
  deepStrictEqual(
    images.map(({ holder, block, image }) => ({ holder, block, image })),
    [{ holder: 'lu', block: 0, image: digest }],
  );

  const needles = [Buffer.alloc(8), Buffer.from(String(SERIAL))];
  needles[0]?.writeBigInt64LE(BigInt(SERIAL));
  const holding = filesBelow(here.root)
    .filter((file) => needles.some((needle) => readFileSync(file).includes(needle)))
    .map((file) => path.relative(here.root, file))
    .filter((file) => !/^\w+\.csv$/.test(file));
  // Control: the loaded cohorts have it, and nothing else does.
  ok(
    holding.every((file) => /^(?:lu|jp)\/cohorts\//.test(file)),
    holding.join(),
  );
  ok(
    here.names.every((name) =>
      readFileSync(here.at(`${name}.csv`), 'utf8').includes(String(SERIAL)),
    ),
  );
}, 180_000);

test('a holder that dies after it touched data runs the image when it is back', async () => {
  const here = new Institutions();
  await here.prepare(OPTIONS);
  await here.sandbox();
  const [lu] = await Promise.all([here.holder('lu', 'ledger/touch'), here.holder('jp')]);
  await here.submit();
  await Promise.all(here.names.map((name) => here.load(name)));
  const archive = here.at('image.tar');
  IMAGE.write(archive);
  await signByAll(here, archive);
  const asked = here.ask(query('1/1'), 120);
  strictEqual(await lu.gone, 'SIGKILL');
  await here.holder('lu');
  const { code, out, err } = await asked;
  strictEqual(code, 0, err);
  // With zeros of one holder it would be 50.
  ok(answerOf(out) > 75, out);
}, 240_000);
