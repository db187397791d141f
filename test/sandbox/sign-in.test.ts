/** Sign-in against a real OpenID provider on loopback: who reads, and that nobody spends. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { Agent } from 'undici';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { type OperationId, ruleOf } from '../../src/sandbox/access-table.ts';
import { cookieText } from '../../src/sandbox/cookies.ts';
import { SignIn } from '../../src/sandbox/sign-in.ts';
import { codeOf, SandboxLab } from './sandbox-lab.ts';

const REDIRECT = 'http://127.0.0.1:1/v1/sign-in/callback';
const analyst = SigningKey.generate();
const alice = SigningKey.generate();
let server: Server;
let lab: SandboxLab;
let study: Study;

/** Cookies by name, as a browser of one host has them. */
class Jar {
  readonly #cookies = new Map<string, string>();
  keep(headers: readonly string[]): void {
    for (const one of headers) {
      const [pair = ''] = one.split(';');
      const at = pair.indexOf('=');
      if (/Max-Age=0/.test(one)) this.#cookies.delete(pair.slice(0, at));
      else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }
  get header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}

beforeAll(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
  const secret = 'a secret of this test alone, of some length';
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'sandbox',
        client_secret: secret,
        redirect_uris: [REDIRECT],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    cookies: { keys: ['a cookie key of this test'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => Promise.resolve({ sub: id }) }),
  });
  server.on('request', provider.callback());
  lab = new SandboxLab(
    ['lu', 'jp'],
    {},
    {},
    (clock) =>
      new SignIn({
        issuer,
        clientId: 'sandbox',
        clientSecret: secret,
        redirect: REDIRECT,
        people: { alice: analyst.publicText, steward: alice.publicText },
        key: systemRng(32),
        clock,
        dispatcher: new Agent(),
      }),
    analyst,
  );
  study = await lab.study();
}, 30_000);
afterAll(async () => {
  await lab.close();
  server.closeAllConnections();
  server.close();
});

/** From the sandbox to the issuer, through its forms, and back: the query that comes back. */
async function walk(login: string, jar: Jar): Promise<string> {
  const begun = await lab.app.inject({ method: 'GET', url: '/v1/sign-in' });
  strictEqual(begun.statusCode, 302);
  jar.keep([String(begun.headers['set-cookie'])]);
  let url = String(begun.headers.location);
  let body: URLSearchParams | undefined;
  for (let step = 0; step < 12; step += 1) {
    if (url.startsWith(REDIRECT)) return url.slice(REDIRECT.length);
    const answer = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { cookie: jar.header },
      ...(body === undefined ? {} : { body }),
    });
    jar.keep(answer.headers.getSetCookie());
    const location = answer.headers.get('location');
    if (location !== null) {
      url = new URL(location, url).href;
      body = undefined;
      continue;
    }
    const page = await answer.text();
    const action = /action="([^"]+)"/.exec(page)?.[1] ?? '';
    const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1] ?? '';
    url = new URL(action, url).href;
    body = new URLSearchParams({ prompt, login, password: 'x' });
  }
  throw new Error(`lost at ${url}`);
}

const back = (query: string, jar: Jar) =>
  lab.app.inject({
    method: 'GET',
    url: `/v1/sign-in/callback${query}`,
    headers: { cookie: jar.header },
  });

async function signedIn(login: string): Promise<Jar> {
  const jar = new Jar();
  const answer = await back(await walk(login, jar), jar);
  strictEqual(answer.statusCode, 200, answer.body);
  jar.keep(answer.headers['set-cookie'] as string[]);
  return jar;
}

describe('who signed in', () => {
  test('reads as the key that the configuration says, and nothing else', async () => {
    const jar = await signedIn('alice');
    const get = (url: string) =>
      lab.app.inject({ method: 'GET', url, headers: { cookie: jar.header } });
    const list = await get('/v1/studies');
    deepStrictEqual(
      list.json<{ studies: { study: string }[] }>().studies.map((one) => one.study),
      [study.id],
    );
    strictEqual((await get(`/v1/studies/${study.id}`)).statusCode, 200);
    strictEqual(codeOf(await get(`/v1/studies/${'0'.repeat(64)}`)), 'STUDY_UNKNOWN');
    ok(lab.log.some((line) => line.includes('readStudy') && line.includes(analyst.publicText)));
    // A member of nothing is kept out of everything.
    const other = await signedIn('steward');
    const refused = await lab.app.inject({
      method: 'GET',
      url: `/v1/studies/${study.id}`,
      headers: { cookie: other.header },
    });
    strictEqual(codeOf(refused), 'FORBIDDEN');
  });

  test('spends, writes and relays nothing, whatever route is asked', async () => {
    const jar = await signedIn('alice');
    const { paths } = (await lab.app.inject({ method: 'GET', url: '/openapi.json' })).json<{
      paths: Record<
        string,
        Record<string, { operationId: OperationId; requestBody?: { content: object } }>
      >;
    }>();
    let asked = 0;
    for (const [path, verbs] of Object.entries(paths)) {
      for (const [verb, { operationId, requestBody }] of Object.entries(verbs)) {
        const { of, reads } = ruleOf(operationId);
        if (of === 'public' || reads === true) continue;
        const type = Object.keys(requestBody?.content ?? {})[0];
        const answer = await lab.app.inject({
          method: verb.toUpperCase() as 'GET',
          url: path.replace(/\{\w+\}/g, study.id),
          headers: { cookie: jar.header, ...(type === undefined ? {} : { 'content-type': type }) },
          ...(type === undefined ? {} : { payload: '{}' }),
        });
        strictEqual(codeOf(answer), 'UNAUTHENTICATED', operationId);
        asked += 1;
      }
    }
    ok(asked >= 8);
    const spend: readonly OperationId[] = ['createStudy', 'createQuery', 'startRun', 'sendFrame'];
    for (const operation of spend) strictEqual(ruleOf(operation).reads, undefined, operation);
  });

  test('is out when the session ends, and when the cookie is another’s or twice there', async () => {
    const jar = await signedIn('alice');
    const ask = (cookie: string) =>
      lab.app.inject({ method: 'GET', url: '/v1/studies', headers: { cookie } });
    const name = 'kakehashi-session=';
    const at = jar.header.indexOf(name) + name.length;
    const value = jar.header.slice(at).split(';')[0] ?? '';
    strictEqual((await ask(name + value)).statusCode, 200);
    const [head, body, seal] = value.split('.');
    const forged = Buffer.from(
      JSON.stringify({ principal: lab.identity('lu').publicText, exp: 9e9 }),
    ).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const bad of [
      `${head}.${forged}.${seal}`,
      `${none}.${body}.`,
      `${none}.${body}.${seal}`,
      value.slice(0, -9),
    ]) {
      strictEqual(codeOf(await ask(name + bad)), 'UNAUTHENTICATED', bad);
    }
    strictEqual(codeOf(await ask(`${name}${value}; ${name}${value}`)), 'UNAUTHENTICATED');
    const attempt = /kakehashi-sign-in=([^;]+)/.exec(
      String((await lab.app.inject({ method: 'GET', url: '/v1/sign-in' })).headers['set-cookie']),
    )?.[1];
    strictEqual(codeOf(await ask(name + String(attempt))), 'UNAUTHENTICATED');
    const { now } = lab;
    lab.now = new Date(now.getTime() + 31 * 60_000);
    const late = await ask(name + value);
    lab.now = now;
    strictEqual(codeOf(late), 'UNAUTHENTICATED');
  });
});

describe('coming back', () => {
  test('as somebody whom nobody named: no session', async () => {
    const jar = new Jar();
    const answer = await back(await walk('mallory', jar), jar);
    strictEqual(codeOf(answer), 'FORBIDDEN');
    strictEqual(answer.headers['set-cookie'], undefined);
    const inherited = new Jar();
    strictEqual(codeOf(await back(await walk('constructor', inherited), inherited)), 'FORBIDDEN');
  });

  test('to another browser, with another state, twice, or without having left: no session', async () => {
    const jar = new Jar();
    const query = await walk('alice', jar);
    strictEqual(codeOf(await back(query, new Jar())), 'UNAUTHENTICATED');
    const other = new Jar();
    await walk('alice', other);
    strictEqual(codeOf(await back(query, other)), 'UNAUTHENTICATED');
    strictEqual(
      codeOf(await back(query.replace(/state=[^&]+/, 'state=x'), jar)),
      'UNAUTHENTICATED',
    );
    strictEqual(codeOf(await back('?error=access_denied', jar)), 'UNAUTHENTICATED');
    strictEqual((await back(query, jar)).statusCode, 200);
    strictEqual(codeOf(await back(query, jar)), 'UNAUTHENTICATED');
  });
});

test('cookies are for this host, not for scripts, and over TLS for TLS alone', () => {
  strictEqual(
    cookieText('session', 'a.b.c', 60, true),
    '__Host-kakehashi-session=a.b.c; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure',
  );
  match(cookieText('sign-in', 'x', 60, false), /^kakehashi-sign-in=x;.*SameSite=Lax$/);
});

test('without an issuer there is no sign-in; with one that is away it is said', async () => {
  const without = new SandboxLab();
  strictEqual(codeOf(await without.app.inject({ method: 'GET', url: '/v1/sign-in' })), 'NOT_FOUND');
  await without.close();
  const away = new SandboxLab(
    ['lu'],
    {},
    {},
    (clock) =>
      new SignIn({
        issuer: 'http://127.0.0.1:1',
        clientId: 'x',
        redirect: REDIRECT,
        people: {},
        key: systemRng(32),
        clock,
        dispatcher: new Agent(),
      }),
  );
  strictEqual(
    codeOf(await away.app.inject({ method: 'GET', url: '/v1/sign-in' })),
    'ISSUER_UNREACHABLE',
  );
  await away.close();
});
