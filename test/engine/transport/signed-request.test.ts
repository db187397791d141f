/** What is not an answer is a refusal; what is sent is signed for exactly this request. */
import { deepStrictEqual, rejects, strictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { fromUtf8, utf8 } from '../../../src/base/bytes.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { SigningKey } from '../../../src/base/sign.ts';
import { systemClock } from '../../../src/engine/clock.ts';
import { checkOrigin } from '../../../src/engine/transport/dispatcher.ts';
import { bodyHash, verifyRequestToken } from '../../../src/engine/transport/request-token.ts';
import { signedRequest, signedStream } from '../../../src/engine/transport/signed-request.ts';
import { fakeServer, sendJson } from '../../support/fake-server.ts';
import { refusal } from '../../support/refusal.ts';

const key = SigningKey.generate();
const sender = (origin: string) =>
  signedRequest({ origin, key, clock: systemClock, rng: systemRng });

describe('signed requests', () => {
  test('the token is for this method, path and body', async () => {
    const server = await fakeServer((response) => sendJson(response, 200, { ok: true }));
    const body = utf8('{"a":1}');
    const answer = await sender(server.origin)('POST', '/v1/x?wait=1', {
      body,
      contentType: 'application/json',
      accept: 'application/json',
    });
    strictEqual(answer.status, 200);
    strictEqual(answer.headers['content-type'], 'application/json');
    strictEqual(fromUtf8(answer.body), '{"ok":true}');
    const [seen] = server.seen;
    const token = (seen?.headers.authorization ?? '').replace('Bearer ', '');
    const request = { method: 'POST', path: '/v1/x?wait=1', body };
    const verified = await verifyRequestToken(token, request, new Date());
    strictEqual(verified.key, key.publicText);
    strictEqual(verified.bodyHash, bodyHash(body));
    deepStrictEqual(seen?.body, body);
    await rejects(
      verifyRequestToken(token, { ...request, path: '/v1/x' }, new Date()),
      refusal('UNAUTHENTICATED'),
    );
  });

  test('two requests have two tokens', async () => {
    const server = await fakeServer((response) => sendJson(response, 200, {}));
    const send = sender(server.origin);
    await send('GET', '/a');
    await send('GET', '/a');
    const [one, two] = server.seen.map(({ headers }) => headers.authorization);
    strictEqual(one === two, false);
  });

  test('nobody listens', async () => {
    await rejects(sender('http://127.0.0.1:1')('GET', '/a'), refusal('SANDBOX_UNREACHABLE'));
  });

  test('a connection that breaks before and within the answer', async () => {
    const before = await fakeServer((response) => response.destroy());
    await rejects(sender(before.origin)('GET', '/a'), refusal('SANDBOX_UNREACHABLE'));
    const within = await fakeServer((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    await rejects(sender(within.origin)('GET', '/a'), refusal('SANDBOX_UNREACHABLE'));
  });

  test('silence ends with the time limit, before and within the answer', async () => {
    const silent = await fakeServer(() => {});
    const call = { timeoutMs: 100 };
    await rejects(sender(silent.origin)('GET', '/a', call), refusal('SANDBOX_UNREACHABLE'));
    const slow = await fakeServer((response) => response.writeHead(200).write('half'));
    await rejects(sender(slow.origin)('GET', '/a', call), refusal('SANDBOX_UNREACHABLE'));
  });

  test("the caller's own abort is no refusal", async () => {
    const silent = await fakeServer(() => {});
    const control = new AbortController();
    const reason = new Error('mine');
    setTimeout(() => control.abort(reason), 20);
    await rejects(sender(silent.origin)('GET', '/a', { signal: control.signal }), reason);
    await rejects(sender(silent.origin)('GET', '/a', { signal: control.signal }), reason);
  });

  test('an answer above the limit', async () => {
    const large = await fakeServer((response) => response.end(Buffer.alloc(41 * 1024 * 1024)));
    await rejects(sender(large.origin)('GET', '/a'), refusal('SANDBOX_RESPONSE'));
  });

  test('a redirect is an answer, not followed', async () => {
    const server = await fakeServer((response) =>
      response.writeHead(302, { location: '/other' }).end(),
    );
    strictEqual((await sender(server.origin)('GET', '/a')).status, 302);
    strictEqual(server.seen.length, 1);
  });

  test('a path that is none', async () => {
    const send = sender('http://127.0.0.1:1');
    for (const path of ['a', '/a b', '/ä', '/a\nb']) {
      await rejects(send('GET', path), refusal('INVALID_PARAMETER'));
    }
  });

  test('a stream comes piece by piece and may be left', async () => {
    const server = await fakeServer((response) => {
      response.writeHead(200);
      response.write('one');
    });
    const stream = signedStream({
      origin: server.origin,
      key,
      clock: systemClock,
      rng: systemRng,
    });
    const { status, body } = await stream('GET', '/a');
    strictEqual(status, 200);
    for await (const chunk of body) {
      strictEqual(fromUtf8(new Uint8Array(chunk)), 'one');
      break;
    }
  });
});

describe('the address of a sandbox', () => {
  test('plain HTTP on loopback only', () => {
    for (const good of [
      'http://127.0.0.1:1',
      'http://localhost:2',
      'http://[::1]:3',
      'https://x',
    ]) {
      strictEqual(checkOrigin(good).pathname, '/');
    }
    for (const bad of ['http://example.org', 'http://127.0.0.1.example.org', 'http://10.0.0.1']) {
      throws(() => checkOrigin(bad), refusal('CONFIGURATION_INVALID'));
    }
  });

  test('an origin and nothing else', () => {
    for (const bad of [
      '',
      'x',
      'ftp://x',
      'https://u:p@x',
      'https://x/a',
      'https://x?a',
      'https://x#a',
    ]) {
      throws(() => checkOrigin(bad), refusal('CONFIGURATION_INVALID'));
    }
  });
});
