/**
 * Whatever comes over HTTP, from a member or from anybody: an answer or a refusal of ours, never a
 * fault, nothing of the input in it, nothing changed by it.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { connect } from 'node:net';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import type { Json } from '../../src/base/canonical-json.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { ACCESS } from '../../src/sandbox/access-table.ts';
import { signedStudy, studyDraft } from '../support/study.ts';
import { codeOf, SandboxLab } from './sandbox-lab.ts';

// Thousands of bad tokens a minute are the point here, and are held back elsewhere.
const lab = new SandboxLab(['lu', 'jp'], {}, { strangersPerMinute: 1_000_000 });
afterAll(() => lab.close());
const CANARY = 'kaniarai7';
const BOX = { numRuns: 1000, interruptAfterTimeLimit: 2500 };
let study: Study;
let url: string;
beforeAll(async () => {
  study = await lab.study();
  url = await lab.app.listen({ host: '127.0.0.1', port: 0 });
});

type Answer = Awaited<ReturnType<typeof lab.call>>;

/** An answer of ours: no fault, a problem with a code where refused, and no echo. */
function sound(answer: Answer, what: string): void {
  ok(answer.statusCode < 500, `${answer.statusCode} ${what}`);
  ok(!answer.body.includes(CANARY) && !JSON.stringify(answer.headers).includes(CANARY), what);
  // The answer to HEAD has no body.
  const refused = answer.statusCode >= 400 && !what.startsWith('HEAD');
  if (refused) match(codeOf(answer), /^[A-Z_]+$/);
}

const NASTY = [
  '..',
  '.',
  '%2e%2e',
  '%2e%2e%2f',
  '..%5c',
  '%00',
  '%',
  '%zz',
  '\u2025',
  '%c0%ae',
  '',
  'a'.repeat(300),
  'v1',
  'studies',
  'runs',
  'queries',
  'inbox',
  'columns',
  'release',
  'events',
  '0'.repeat(64),
  `${CANARY}<script>`,
  '__proto__',
  'constructor',
  ';',
  '?',
  '#',
  '*',
  '//',
  '\\',
];
const segment = fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 12 }));
const address = fc
  .array(segment, { maxLength: 6 })
  .map((parts) => encodeURI(`/${parts.join('/')}`).replaceAll('%25', '%'));

const leaf = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    0,
    -1,
    1e21,
    '',
    CANARY,
    '\u0301e',
    '<img src=x onerror=alert(1)>',
    'ed25519:x',
  ),
  fc.string({ maxLength: 8 }),
);
const key = fc.oneof(
  fc.constantFrom(
    'study',
    'query',
    'signature',
    'signatures',
    'rho',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
  ),
  fc.string({ maxLength: 6 }),
);
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(key, tie('json'), { maxKeys: 5 }),
  ),
}));

const POSTS = [
  '/v1/studies',
  '/v1/queries',
  `/v1/studies/{study}/price`,
  `/v1/queries/${'0'.repeat(64)}/runs`,
  `/v1/runs/{study}/frames`,
  `/v1/studies/{study}/columns`,
];

describe('fuzz', () => {
  test('addresses and methods', async () => {
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS');
    await fc.assert(
      fc.asyncProperty(method, address, fc.boolean(), async (verb, path, member) => {
        const request = { method: verb as 'GET', url: path };
        const token = await lab.token(lab.keys.analyst, verb, path, new Uint8Array(0));
        const headers = member ? { authorization: `Bearer ${token}` } : {};
        sound(await lab.app.inject({ ...request, headers }), `${verb} ${path}`);
      }),
      BOX,
    );
  });

  test('documents of a member', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...POSTS.slice(0, 4)), json, async (path, document) => {
        const at = path.replace('{study}', study.id);
        const body = utf8(JSON.stringify(document));
        sound(await lab.call(lab.keys.analyst, 'POST', at, { body, type: 'application/json' }), at);
      }),
      BOX,
    );
    strictEqual(({} as { polluted?: unknown }).polluted, undefined);
  });

  test('bytes of a holder', async () => {
    const types = [
      'application/json',
      'application/cbor',
      'application/vnd.apache.arrow.stream',
      'text/plain',
      'multipart/form-data; boundary=x',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...POSTS),
        fc.constantFrom(...types),
        fc.uint8Array({ maxLength: 200 }),
        async (path, type, body) => {
          const at = path.replace('{study}', study.id);
          sound(await lab.call(lab.identity('lu'), 'POST', at, { body, type }), `${at} ${type}`);
        },
      ),
      BOX,
    );
  });

  test('tokens', async () => {
    const good = await lab.token(lab.keys.analyst, 'GET', '/v1/studies', new Uint8Array(0));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.constantFrom(...'a,Z,0,-,_,.,=, '.split(',')),
        async (at, letter) => {
          const token = good.slice(0, at) + letter + good.slice(at + 1);
          const answer = await lab.app.inject({
            method: 'GET',
            url: '/v1/studies',
            headers: { authorization: `Bearer ${token}` },
          });
          // The last letter of a signature has bits that mean nothing: that is the same token again.
          if (answer.statusCode !== 200)
            match(codeOf(answer), /^(?:UNAUTHENTICATED|REPLAYED_REQUEST)$/);
          else strictEqual(token.slice(0, -1), good.slice(0, -1));
          sound(answer, token);
        },
      ),
      BOX,
    );
  });
});

describe('on the wire', () => {
  const raw = async (request: string): Promise<string> => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end(request);
    return text(socket);
  };

  test('two lengths, two hosts, a line break in a header, a header without end: refused', async () => {
    const requests = [
      'POST /v1/studies HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST /v1/studies HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef',
      'GET /v1/studies HTTP/1.1\r\nHost: a\r\nX: a\nb: c\r\n d\r\n\r\n',
      `GET /v1/studies HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
      `GET http://169.254.169.254/latest HTTP/1.1\r\nHost: 169.254.169.254\r\nConnection: close\r\n\r\n`,
      'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET /livez HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n',
    ];
    for (const request of requests.slice(0, 5))
      match(await raw(request), /^HTTP\/1\.1 4\d\d /, request.slice(0, 80));
    for (const request of requests.slice(5)) ok(!(await raw(request)).startsWith('HTTP/1.1 101'));
    strictEqual((await fetch(`${url}/livez`)).status, 200);
  });

  test('an id of a request that breaks a line makes no header', async () => {
    const query = await lab.query(study);
    const answer = await lab.start(query, { 'idempotency-key': 'a b' });
    strictEqual(codeOf(answer), 'INVALID_PARAMETER');
  });
});

describe('documents that mean something else', () => {
  const post = (body: string) =>
    lab.call(lab.keys.analyst, 'POST', '/v1/studies', {
      body: utf8(body),
      type: 'application/json',
    });

  test('a key twice, a text that is not NFC, a prototype', async () => {
    for (const body of [
      '{"study":1,"study":2}',
      '{"a":"e\u0301"}',
      '{"__proto__":{"polluted":1}}',
      '{"a":{"__proto__":{"polluted":1}}}',
    ]) {
      strictEqual(codeOf(await post(body)), 'MALFORMED_MESSAGE', body);
    }
    strictEqual(
      codeOf(await post('{"constructor":{"prototype":{"polluted":1}}}')),
      'INVALID_STUDY',
    );
    strictEqual(({} as { polluted?: unknown }).polluted, undefined);
  });

  test('markup in a title stays text: JSON, not sniffed, under a policy that runs nothing', async () => {
    const draft = {
      ...(studyDraft(lab.keys) as Record<string, Json>),
      title: '<script>alert(1)</script>',
    };
    const signed = signedStudy(draft, lab.keys);
    const made = await lab.call(lab.keys.analyst, 'POST', '/v1/studies', { json: signed });
    strictEqual(made.statusCode, 201);
    const shown = await lab.call(lab.keys.analyst, 'GET', String(made.headers.location));
    match(String(shown.headers['content-type']), /^application\/json/);
    strictEqual(shown.headers['x-content-type-options'], 'nosniff');
    match(String(shown.headers['content-security-policy']), /default-src 'none'/);
  });

  test('an address in a study is a text: nobody is asked', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const place = server.address();
    const port = typeof place === 'object' ? (place?.port ?? 0) : 0;
    const address = `http://127.0.0.1:${port}/`;
    const draft = {
      ...(studyDraft(lab.keys) as Record<string, Json>),
      title: address,
      purpose: address,
    };
    const json = signedStudy(draft, lab.keys);
    await lab.call(lab.keys.analyst, 'POST', '/v1/studies', {
      json,
      headers: { host: `127.0.0.1:${port}`, 'x-forwarded-host': address, referer: address },
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.close();
    strictEqual(asked, 0);
  });

  test('nothing that writes can be asked for by a form of another site', () => {
    // A form sends no token and one of three types; nothing that writes is open, or takes one of them.
    const writes = Object.entries(ACCESS)
      .filter(([, { of }]) => of === 'public')
      .map(([name]) => name);
    deepStrictEqual(
      writes.filter((name) => /^(?:create|start|send|open|store|complete|erase)/.test(name)),
      [],
    );
  });
});
