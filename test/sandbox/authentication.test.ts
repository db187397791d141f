/** Who may ask, what a body may be, and what an answer never says. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { PUBLIC_MESSAGE } from '../../src/base/errors.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { signedStudy, studyDraft } from '../support/study.ts';
import { codeOf, SandboxLab, sharedLab } from './sandbox-lab.ts';

const lab = sharedLab();
const EMPTY: Uint8Array = new Uint8Array(0);

describe('request tokens', () => {
  test('a request without one, or with something else, is not read', async () => {
    for (const authorization of [
      undefined,
      'Basic x',
      'Bearer a.b',
      `Bearer ${'a.b.c'.repeat(2000)}`,
    ]) {
      const answer = await lab.app.inject({
        method: 'GET',
        url: '/v1/studies',
        headers: authorization === undefined ? {} : { authorization },
      });
      strictEqual(codeOf(answer), 'UNAUTHENTICATED');
      strictEqual(answer.headers['www-authenticate'], 'Bearer');
    }
  });

  test('a token is good for one request', async () => {
    const { analyst } = lab.keys;
    await lab.study();
    const token = await lab.token(analyst, 'GET', '/v1/studies', EMPTY);
    strictEqual((await lab.call(analyst, 'GET', '/v1/studies', { token })).statusCode, 200);
    strictEqual(
      codeOf(await lab.call(analyst, 'GET', '/v1/studies', { token })),
      'REPLAYED_REQUEST',
    );
  });

  test('also across a restart, where it can change something', async () => {
    const lu = lab.identity('lu');
    const path = '/v1/inbox?after=0&wait=0';
    const token = await lab.token(lu, 'GET', path, EMPTY);
    strictEqual((await lab.call(lu, 'GET', path, { token })).statusCode, 200);
    await lab.restart();
    strictEqual(codeOf(await lab.call(lu, 'GET', path, { token })), 'REPLAYED_REQUEST');
  });

  test('a token for another path, method, body or time is refused', async () => {
    const { analyst } = lab.keys;
    const of = (method: string, path: string, body = EMPTY) =>
      lab.token(analyst, method, path, body);
    const tokens = [
      await of('GET', '/v1/studies?x=1'),
      await of('POST', '/v1/studies'),
      await of('GET', '/v1/studies', utf8('{}')),
    ];
    for (const token of tokens) {
      strictEqual(
        codeOf(await lab.call(analyst, 'GET', '/v1/studies', { token })),
        'UNAUTHENTICATED',
      );
    }
    const token = await of('GET', '/v1/studies');
    const { now } = lab;
    lab.now = new Date(now.getTime() + 120_000);
    const late = await lab.call(analyst, 'GET', '/v1/studies', { token });
    lab.now = now;
    strictEqual(codeOf(late), 'UNAUTHENTICATED');
  });

  test('the principal is in every line about its request; token and body are in none', async () => {
    const json = signedStudy(studyDraft(lab.keys), lab.keys);
    await lab.call(lab.keys.analyst, 'POST', '/v1/studies', { json });
    await lab.call(SigningKey.generate(), 'POST', '/v1/studies', { json });
    const lines = lab.log.filter((line) => line.includes('createStudy'));
    ok(lines.length >= 2);
    for (const line of lines) match(line, /"principal":"ed25519:/);
    const text = lab.log.join('');
    for (const canary of ['Bearer', 'eyJ', 'People by sex and age', 'legalBasis']) {
      ok(!text.includes(canary), canary);
    }
  });
});

describe('bodies', () => {
  const post = async (body: string, type = 'application/json') => {
    return lab.call(lab.keys.analyst, 'POST', '/v1/studies', { body: utf8(body), type });
  };

  test('what canonical JSON cannot mean is refused', async () => {
    for (const body of [
      '{',
      '{"a":1,"a":1}',
      '{"a":1e999}',
      '{"a":"\\ud800"}',
      '[',
      '{"__proto__":1}',
    ]) {
      strictEqual(codeOf(await post(body)), 'MALFORMED_MESSAGE', body);
    }
  });

  test('another content type, and a body that is too large', async () => {
    strictEqual(codeOf(await post('{}', 'text/plain')), 'UNSUPPORTED_MEDIA_TYPE');
    const answer = await post(`{"a":"${'x'.repeat(5 * 1024 * 1024)}"}`);
    strictEqual(codeOf(answer), 'PAYLOAD_TOO_LARGE');
    strictEqual(answer.statusCode, 413);
  });

  test('a missing body, an unknown field and a wrong type say where', async () => {
    const study = await lab.study();
    const path = `/v1/studies/${study.id}/price`;
    const price = async (
      json: Record<string, never> | string | { query: 1 } | { query: object; x: 1 },
    ) =>
      (await lab.call(lab.keys.analyst, 'POST', path, { json: json as never })).json<{
        errors: unknown;
      }>().errors;
    deepStrictEqual(await price({}), [{ pointer: '/query', code: 'MISSING_FIELD' }]);
    deepStrictEqual(await price({ query: 1 }), [{ pointer: '/query', code: 'WRONG_TYPE' }]);
    deepStrictEqual(await price({ query: {}, x: 1 }), [{ pointer: '/x', code: 'UNKNOWN_FIELD' }]);
    const missing = await lab.call(lab.keys.analyst, 'POST', path);
    strictEqual(codeOf(missing), 'INVALID_PARAMETER');
  });
});

describe('addresses', () => {
  test('another address, another method', async () => {
    strictEqual(codeOf(await lab.app.inject({ method: 'GET', url: '/v2/studies' })), 'NOT_FOUND');
    const answer = await lab.app.inject({ method: 'PUT', url: '/v1/studies' });
    strictEqual(codeOf(answer), 'METHOD_NOT_ALLOWED');
    strictEqual(answer.headers.allow, 'POST, GET');
    strictEqual(codeOf(await lab.app.inject({ method: 'GET', url: '/v1/%zz' })), 'NOT_FOUND');
  });

  test('an id that is none, and a parameter that is none', async () => {
    const { analyst } = lab.keys;
    strictEqual(codeOf(await lab.call(analyst, 'GET', '/v1/runs/7')), 'INVALID_PARAMETER');
    const answer = await lab.call(lab.identity('lu'), 'GET', '/v1/inbox?after=1&wait=26');
    deepStrictEqual(answer.json<{ errors: unknown }>().errors, [
      { pointer: '/querystring/wait', code: 'WRONG_FORMAT' },
    ]);
    const unknown = await lab.call(lab.identity('lu'), 'GET', '/v1/inbox?limit=1');
    deepStrictEqual(unknown.json<{ errors: unknown }>().errors, [
      { pointer: '/querystring/limit', code: 'UNKNOWN_FIELD' },
    ]);
  });

  test('livez and readyz are open and nothing is cached', async () => {
    for (const url of ['/livez', '/readyz']) {
      const answer = await lab.app.inject({ method: 'GET', url });
      deepStrictEqual(answer.json(), { status: 'ok', version: '0.0.0' });
      strictEqual(answer.headers['cache-control'], 'no-store');
    }
  });

  test('a request while the service closes', async () => {
    const closing = new SandboxLab();
    await closing.app.ready();
    const closed = closing.close();
    const answer = await closing.app
      .inject({ method: 'GET', url: '/livez' })
      .catch(() => undefined);
    if (answer !== undefined) strictEqual(codeOf(answer), 'SHUTTING_DOWN');
    await closed;
  });
});

describe('what an answer never says', () => {
  const faulty = sharedLab();
  faulty.app.get('/v1/fault', { config: { operation: 'listStudies' } }, () => {
    throw new Error('select * from secrets where name = canary');
  });
  faulty.app.get('/v1/unguarded', { config: { operation: 'readRun' } }, () => ({
    exact: 'canary',
  }));

  test('an unexpected throw is one fixed sentence, and its message is nowhere', async () => {
    const answer = await faulty.call(faulty.keys.analyst, 'GET', '/v1/fault');
    strictEqual(answer.statusCode, 500);
    const { type, title, status, instance, ...rest } = answer.json<Record<string, unknown>>();
    deepStrictEqual(
      { type, title, status, rest },
      {
        type: 'urn:kakehashi:problem:INTERNAL',
        title: PUBLIC_MESSAGE.INTERNAL,
        status: 500,
        rest: {},
      },
    );
    ok(faulty.log.some((line) => line.includes(String(instance)) && line.includes('"INTERNAL"')));
    ok(!faulty.log.join('').includes('canary'));
  });

  test('detail never reaches the client', async () => {
    const study = await lab.study();
    const json = { study: study.id };
    const refused = await lab.call(lab.identity('lu'), 'POST', '/v1/queries', { json });
    strictEqual(codeOf(refused), 'FORBIDDEN');
    ok(!refused.body.includes(study.id));
    ok(lab.log.some((line) => line.includes(`createQuery in ${study.id}`)));
  });

  test('a route that answers without having been allowed to answers INTERNAL', async () => {
    await faulty.study();
    const answer = await faulty.call(faulty.keys.analyst, 'GET', '/v1/unguarded');
    strictEqual(codeOf(answer), 'INTERNAL');
    ok(!answer.body.includes('canary'));
  });
});
