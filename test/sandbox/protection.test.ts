/** Limits, overload, entity tags, headers: what is refused, when to come back, and nothing half done. */
import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { SigningKey } from '../../src/base/sign.ts';
import { signedStudy, studyDraft } from '../support/study.ts';
import { codeOf, SandboxLab, sharedLab, staffKeys } from './sandbox-lab.ts';

async function withLab<T>(lab: SandboxLab, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await lab.close();
  }
}

describe('limits', () => {
  test('of a principal: the one beyond waits, others do not', async () => {
    const lab = new SandboxLab(undefined, {}, { requestsPerMinute: 3 });
    await withLab(lab, async () => {
      await lab.study();
      const ask = (name: string) => lab.call(lab.identity(name), 'GET', '/v1/inbox');
      for (let i = 0; i < 3; i += 1) strictEqual((await ask('lu')).statusCode, 200);
      const refused = await ask('lu');
      strictEqual(codeOf(refused), 'TOO_MANY_REQUESTS');
      const seconds = Number(refused.headers['retry-after']);
      ok(seconds > 0 && seconds <= 60, String(seconds));
      strictEqual((await ask('jp')).statusCode, 200);
    });
  });

  test('of strangers: by address, with or without a key, and members are not theirs', async () => {
    const lab = new SandboxLab(undefined, {}, { strangersPerMinute: 2 });
    await withLab(lab, async () => {
      const ask = () => lab.call(SigningKey.generate(), 'GET', '/v1/studies');
      strictEqual((await ask()).statusCode, 200);
      strictEqual(
        codeOf(await lab.app.inject({ method: 'GET', url: '/v1/studies' })),
        'UNAUTHENTICATED',
      );
      strictEqual(codeOf(await ask()), 'TOO_MANY_REQUESTS');
      strictEqual(
        codeOf(await lab.app.inject({ method: 'GET', url: '/v1/studies' })),
        'TOO_MANY_REQUESTS',
      );
      strictEqual((await lab.inbox('lu')).statusCode, 200);
      strictEqual((await lab.app.inject({ method: 'GET', url: '/livez' })).statusCode, 200);
    });
  });

  test('of event streams: one too many is refused, and an end makes room', async () => {
    const lab = new SandboxLab(undefined, {}, { eventStreams: 1 });
    await withLab(lab, async () => {
      const study = await lab.study();
      const run = await lab.run(study);
      const path = `/v1/runs/${run}/events`;
      const url = await lab.app.listen({ host: '127.0.0.1', port: 0 });
      const open = async () => {
        const token = await lab.token(lab.keys.analyst, 'GET', path, new Uint8Array(0));
        const control = new AbortController();
        const headers = { authorization: `Bearer ${token}` };
        const answer = await fetch(`${url}${path}`, { headers, signal: control.signal });
        return { answer, control };
      };
      const first = await open();
      strictEqual(first.answer.status, 200);
      const second = await open();
      strictEqual(second.answer.status, 503);
      strictEqual(
        ((await second.answer.json()) as { type: string }).type,
        'urn:kakehashi:problem:OVERLOADED',
      );
      ok(Number(second.answer.headers.get('retry-after')) > 0);
      first.control.abort();
      for (;;) {
        const next = await open();
        next.control.abort();
        if (next.answer.status === 200) break;
      }
    });
  });
});

test('overload: refused before anything is done, and the process still says that it lives', async () => {
  const lab = new SandboxLab(undefined, {}, { overloadMs: 20 });
  await withLab(lab, async () => {
    await lab.app.ready();
    const json = signedStudy(studyDraft(lab.keys), lab.keys);
    const before = await lab.tokenRows();
    // Two samples of the loop, most of each blocked.
    const until = Date.now() + 1500;
    while (Date.now() < until) {
      const block = Date.now() + 200;
      while (Date.now() < block);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const refused = await lab.call(lab.keys.analyst, 'POST', '/v1/studies', { json });
    strictEqual(codeOf(refused), 'OVERLOADED');
    strictEqual(refused.statusCode, 503);
    ok(Number(refused.headers['retry-after']) > 0);
    strictEqual((await lab.app.inject({ method: 'GET', url: '/livez' })).statusCode, 200);
    strictEqual(await lab.tokenRows(), before);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    strictEqual(
      (await lab.call(lab.keys.analyst, 'POST', '/v1/studies', { json })).statusCode,
      201,
    );
  });
});

describe('answers', () => {
  const staff = staffKeys();
  const lab = sharedLab(undefined, staff);
  const get = (path: string, headers: Record<string, string> = {}) =>
    lab.call(lab.keys.analyst, 'GET', path, { headers });

  test('a tag is a digest of what is answered, and spares the answer that is known', async () => {
    const study = await lab.study();
    const path = `/v1/studies/${study.id}`;
    const first = await get(path);
    const tag = String(first.headers.etag);
    match(tag, /^"[A-Za-z0-9_-]{22}"$/);
    // Whoever asks, whenever: the same answer has the same tag.
    strictEqual((await lab.call(lab.identity('lu'), 'GET', path)).headers.etag, tag);
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
      const again = await get(path, { 'if-none-match': known });
      strictEqual(again.statusCode, 304, known);
      strictEqual(again.body, '');
      strictEqual(again.headers.etag, tag);
    }
    strictEqual((await get(path, { 'if-none-match': '"x"' })).statusCode, 200);
    notStrictEqual((await get('/v1/studies')).headers.etag, tag);
    const refused = await lab.call(SigningKey.generate(), 'GET', path, {
      headers: { 'if-none-match': tag },
    });
    strictEqual(codeOf(refused), 'FORBIDDEN');
  });

  test('tell a browser to do nothing with them, and allow no other origin', async () => {
    const answers = [
      await get('/v1/studies', { origin: 'https://elsewhere.example' }),
      await lab.app.inject({
        method: 'OPTIONS',
        url: '/v1/studies',
        headers: { origin: 'https://elsewhere.example' },
      }),
      await lab.app.inject({ method: 'GET', url: '/nothing' }),
    ];
    for (const { headers } of answers) {
      strictEqual(headers['content-security-policy'], "default-src 'none';frame-ancestors 'none'");
      strictEqual(headers['x-content-type-options'], 'nosniff');
      strictEqual(headers['cache-control'], 'no-store');
      deepStrictEqual(
        Object.keys(headers).filter((name) => name.startsWith('access-control')),
        [],
      );
    }
  });

  test('metrics are for ops, and name nobody', async () => {
    const study = await lab.study();
    const run = await lab.run(study, { rho: '1/333' });
    await get(`/v1/runs/${run}`);
    await get(`/v1/studies/${'0'.repeat(64)}`);
    const answer = await lab.call(staff.ops, 'GET', '/metrics');
    match(String(answer.headers['content-type']), /^text\/plain; version=0\.0\.4/);
    for (const line of [
      /^kakehashi_requests_total\{operation="readRun",status="2xx"\} 1$/m,
      /^kakehashi_refusals_total\{code="STUDY_UNKNOWN"\} 1$/m,
      /^kakehashi_runs_unfinished 1$/m,
      /^kakehashi_event_streams 0$/m,
      /^kakehashi_request_seconds_bucket\{le="0\.5",operation="readRun"\} \d+$/m,
    ]) {
      match(answer.body, line);
    }
    const private_ = [study.id, run, '1/333', 'ed25519', lab.keys.analyst.publicText, 'jp', 'lu'];
    for (const canary of private_) ok(!new RegExp(`\\b${canary}\\b`).test(answer.body), canary);
    strictEqual(codeOf(await get('/metrics')), 'FORBIDDEN');
  });
});

test('who drains is not ready, and still serves', async () => {
  const lab = new SandboxLab();
  await withLab(lab, async () => {
    lab.drain();
    const ready = await lab.app.inject({ method: 'GET', url: '/readyz' });
    strictEqual(codeOf(ready), 'SHUTTING_DOWN');
    ok(Number(ready.headers['retry-after']) > 0);
    strictEqual((await lab.inbox('lu')).statusCode, 200);
  });
});

test('every line of the log says who acts', async () => {
  const lab = new SandboxLab();
  await withLab(lab, async () => {
    const study = await lab.study();
    await lab.run(study);
    await lab.app.inject({ method: 'GET', url: '/livez' });
    await lab.app.inject({ method: 'GET', url: '/nothing' });
    ok(lab.log.length > 4);
    for (const line of lab.log) {
      const principals = [...line.matchAll(/"principal":"([^"]+)"/g)];
      strictEqual(principals.length, 1, line);
      match(String(principals[0]?.[1]), /^(?:sandbox|ed25519:[A-Za-z0-9_-]{43})$/);
    }
  });
});
