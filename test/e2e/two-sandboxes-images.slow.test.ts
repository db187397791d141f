/**
 * Images where two processes of a sandbox serve one address: what is pushed to one is fetched from the other, and
 * signatures that come to both add up.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { systemRng } from '../../src/base/rng.ts';
import { loadKey } from '../../src/client/client.ts';
import { systemClock } from '../../src/engine/clock.ts';
import { signedRequest } from '../../src/engine/transport/signed-request.ts';
import type { Service } from '../support/institutions.ts';
import { hasPostgres } from '../support/postgres.ts';
import { plain, pooledOf, statementOf } from '../support/sandboxed-institutions.ts';
import { SharedSandbox } from '../support/shared-sandbox.ts';
import { pushImage, signAndPush, studiedImage } from '../support/studied-image.ts';

const IMAGE = studiedImage();
const { digest, query } = IMAGE;
const OPTIONS = IMAGE.options('100/1', () => Array.from({ length: 40 }, () => 90));

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
    const archive = here.at('image.tar');
    IMAGE.write(archive);
    const missing = await here.ask(query('1/4'));
    match(missing.out + missing.err, /IMAGE_MISSING|not been pushed/);
    strictEqual((await pushImage(here, archive, urlOf(first)))['signed'], false);

    // At once, each by another process: none takes the place of the other.
    const pushed = await Promise.all(
      here.names.map((name, i) =>
        signAndPush(here, name, archive, urlOf(i === 0 ? first : second)),
      ),
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
    const file = here.at('sandbox', 'images', `${here.study}.${digest}.tar`);
    IMAGE.write(file);
    await here.process('sandbox');
    deepStrictEqual(await statesAt(here, second), [[true, false]]);
    ok(!existsSync(file));
  }, 120_000);
});
