/**
 * Images where two processes of a sandbox serve one address: what is pushed to one is fetched from the other, and
 * signatures that come to both add up.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { SigningKey } from '../../src/base/sign.ts';
import { systemRng } from '../../src/base/rng.ts';
import { loadKey } from '../../src/client/client.ts';
import { systemClock } from '../../src/engine/clock.ts';
import { signedRequest } from '../../src/engine/transport/signed-request.ts';
import { writeArchive } from '../../src/image/archive.ts';
import { imageDigest, writeLayout } from '../../src/image/layout.ts';
import { signImage } from '../../src/image/signature.ts';
import { declarationFor } from '../support/image.ts';
import { FIRST_VALUE } from '../support/image-lab.ts';
import { json, type Service } from '../support/institutions.ts';
import { hasPostgres } from '../support/postgres.ts';
import { plain, pooledOf, statementOf } from '../support/sandboxed-institutions.ts';
import { SharedSandbox } from '../support/shared-sandbox.ts';
import { answering, RESERVE, wasm } from '../support/wasm-text.ts';

/** Answers with the first value of the block. */
const BINARY = wasm({ functions: [RESERVE, [[], answering(...FIRST_VALUE)]] });
const DECLARATION = declarationFor(BINARY, {
  columns: [{ name: 'serial', type: 'int64' }],
  fields: [{ name: 'answer', min: 0, max: 100, default: 50 }],
});
const DIGEST = imageDigest(DECLARATION, BINARY);
const author = SigningKey.generate();

const csv = (name: string): string =>
  ['patient_id,serial', ...Array.from({ length: 40 }, (_, i) => `${name}${i},90`)].join('\n');

const OPTIONS = {
  rho: '100/1',
  csv: { lu: csv('lu'), jp: csv('jp') },
  draft: {
    cohort: {
      person: 'patient_id',
      rowsPerPerson: 1,
      cellsPerPerson: 1,
      declaredSize: { lu: 1000, jp: 1000 },
      nulls: [''],
      columns: { serial: { type: 'integer', min: 0, max: 100 } },
    },
    operations: ['count', 'image'],
  },
  images: (stewards: readonly string[]) => [
    {
      digest: DIGEST,
      place: 'holder',
      boundary: 'bubblewrap',
      declaration: DECLARATION,
      signers: { author: author.publicText, parties: { need: 2, keys: stewards } },
    },
  ],
};

const query = (rho: string) => ({
  format: 'kakehashi/query/1',
  measures: [{ name: 'first', image: { digest: DIGEST, blocks: 8 } }],
  rho,
});

type Released = { readonly release: { readonly estimates: readonly { readonly value: number }[] } };

const urlOf = ({ ready }: Service): string => String(ready['url']);

/** Whether the image is there and signed, as this process says. */
async function statesAt(here: SharedSandbox, one: Service): Promise<[boolean, boolean][]> {
  const key = await loadKey(here.at('keys', 'ana.pem'));
  const request = signedRequest({ origin: urlOf(one), key, clock: systemClock, rng: systemRng });
  const { body } = await request('GET', `/v1/studies/${here.study}/images`);
  const { images } = JSON.parse(Buffer.from(body).toString()) as {
    images: { pushed: boolean; signed: boolean }[];
  };
  return images.map(({ pushed, signed }) => [pushed, signed]);
}

async function answered(here: SharedSandbox, rho: string): Promise<void> {
  const { code, out, err } = await here.ask(query(rho), 120);
  strictEqual(code, 0, out + err);
  const value = (JSON.parse(out) as Released).release.estimates[0]?.value ?? Number.NaN;
  ok(value > 70, out);
}

describe.skipIf(!hasPostgres)('two processes of a sandbox', () => {
  test('an image pushed to one, signed at both, run through either, also when one is gone', async () => {
    const here = new SharedSandbox();
    const { processes, balancer } = await here.shared(OPTIONS);
    const [first, second] = processes;
    const by = (one: Service): string[] => [
      ...['--study', here.studyFile, '--sandbox', urlOf(one), '--key', here.at('keys', 'ana.pem')],
    ];
    const archive = here.at('image.tar');
    const signed = [signImage(author, DIGEST, { role: 'author' })];
    writeFileSync(archive, writeArchive(writeLayout(DECLARATION, BINARY, signed)));
    const missing = await here.ask(query('1/4'));
    match(missing.out + missing.err, /IMAGE_MISSING|not been pushed/);
    strictEqual((await json(['image', 'push', archive, ...by(first)]))['signed'], false);

    // At once, each by another process: none takes the place of the other.
    const pushed = await Promise.all(
      here.names.map(async (name, i) => {
        const own = here.at(`${name}.tar`);
        const key = ['--key', here.at('keys', `${name}.pem`)];
        await json(['image', 'sign', archive, ...key, '--study', here.studyFile, '--out', own]);
        return json(['image', 'push', own, ...by(i === 0 ? first : second)]);
      }),
    );
    ok(pushed.some((state) => state['signed'] === true));
    for (const one of processes) {
      deepStrictEqual(await statesAt(here, one), [[true, true]]);
    }
    for (const [i, one] of processes.entries()) {
      here.url = urlOf(one);
      await answered(here, `${i + 1}/1`);
    }
    await first.kill('SIGKILL');
    here.url = balancer.url;
    await answered(here, '3/1');
    // Nothing of it is on the disk of a process.
    for (const name of ['sandbox', 'second']) ok(!existsSync(here.at(name, 'images')), name);
  }, 300_000);

  test('rows for a program in the sandbox: each holder at a process of its own, one of which has them', async () => {
    const { options, query: asked, push } = plain();
    const here = new SharedSandbox();
    const { processes } = await here.shared({ ...options, rho: '100/1' }, undefined, (name, both) =>
      urlOf(both[name === 'lu' ? 0 : 1]),
    );
    here.url = urlOf(processes[0]);
    await push(here);
    const answer = await here.ask(asked, 200);
    strictEqual(answer.code, 0, answer.out + answer.err);
    ok(pooledOf(answer.out) > 75, answer.out);
    const { run } = (JSON.parse(answer.out) as { release: { receipt: { run: string } } }).release
      .receipt;
    deepStrictEqual((await statementOf(here, run)).erasure.keys, ['upload/jp/0', 'upload/lu/0']);
    // The rows of both were at one of them.
    const ran = ['sandbox', 'second'].map(
      (name) => readFileSync(here.log(name), 'utf8').split('"image ran"').length - 1,
    );
    deepStrictEqual(ran.sort(), [0, 2]);
  }, 300_000);

  test('what a process had on its own disk before is taken in at its start', async () => {
    const here = new SharedSandbox();
    const { processes } = await here.shared(OPTIONS);
    const [first, second] = processes;
    await first.kill('SIGTERM');
    mkdirSync(here.at('sandbox', 'images'), { mode: 0o700 });
    const signed = [signImage(author, DIGEST, { role: 'author' })];
    const file = here.at('sandbox', 'images', `${here.study}.${DIGEST}.tar`);
    writeFileSync(file, writeArchive(writeLayout(DECLARATION, BINARY, signed)));
    await here.process('sandbox');
    deepStrictEqual(await statesAt(here, second), [[true, false]]);
    ok(!existsSync(file));
  }, 120_000);
});
