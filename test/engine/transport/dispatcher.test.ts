/** A sandbox with a private authority, behind a proxy that wants a password: reached, or refused in words. */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { createServer } from 'node:https';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, onTestFinished, test } from 'vitest';
import { systemRng } from '../../../src/base/rng.ts';
import { SigningKey } from '../../../src/base/sign.ts';
import { systemClock } from '../../../src/engine/clock.ts';
import { createDispatcher, type Reach } from '../../../src/engine/transport/dispatcher.ts';
import { signedRequest } from '../../../src/engine/transport/signed-request.ts';
import { authority } from '../../support/certificates.ts';
import { connectProxy } from '../../support/connect-proxy.ts';
import { refusal } from '../../support/refusal.ts';
import { scratch } from '../../support/scratch.ts';

const HOST = 'sandbox.example';
const own = authority();

async function secureServer(names = [HOST], life = {}): Promise<number> {
  const server = createServer({ ...own.issue(names, life) }, (_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const written = (name: string, text: string, mode = 0o600): string => {
  const file = path.join(scratch(), name);
  writeFileSync(file, text, { mode });
  return file;
};

async function ask(reach: Reach): Promise<number> {
  const dispatcher = await createDispatcher(reach);
  onTestFinished(() => dispatcher.destroy());
  const { origin } = reach;
  const options = {
    origin,
    key: SigningKey.generate(),
    clock: systemClock,
    rng: systemRng,
    dispatcher,
  };
  return (await signedRequest(options)('GET', '/v1/x', { timeoutMs: 5000 })).status;
}

describe('through a proxy that wants a password', () => {
  test('from its address, and from a file', async () => {
    const origin = `https://${HOST}:${await secureServer()}`;
    const proxy = await connectProxy('lu:p@ss/word');
    const caFile = written('ca.pem', own.cert);
    const address = `http://lu:${encodeURIComponent('p@ss/word')}@127.0.0.1:${proxy.port}`;
    strictEqual(await ask({ origin, caFile, proxy: address }), 200);
    const proxyCredentialsFile = written('proxy', 'lu:p@ss/word\n');
    const bare = `http://127.0.0.1:${proxy.port}`;
    strictEqual(await ask({ origin, caFile, proxy: bare, proxyCredentialsFile }), 200);
    const target = origin.slice('https://'.length);
    deepStrictEqual(proxy.asked, [
      { target, allowed: true },
      { target, allowed: true },
    ]);
  });

  test('none, a wrong one, and a file that others can read: refused', async () => {
    const origin = `https://${HOST}:${await secureServer()}`;
    const proxy = await connectProxy('lu:right');
    const caFile = written('ca.pem', own.cert);
    const bare = `http://127.0.0.1:${proxy.port}`;
    await rejects(ask({ origin, caFile, proxy: bare }), refusal('SANDBOX_UNREACHABLE'));
    const wrong = `http://lu:wrong@127.0.0.1:${proxy.port}`;
    await rejects(ask({ origin, caFile, proxy: wrong }), refusal('SANDBOX_UNREACHABLE'));
    strictEqual(
      proxy.asked.some(({ allowed }) => allowed),
      false,
    );
    const open = written('proxy', 'lu:right', 0o644);
    await rejects(
      ask({ origin, caFile, proxy: bare, proxyCredentialsFile: open }),
      refusal('KEY_FILE_MODE'),
    );
    const none = { origin, caFile, proxyCredentialsFile: written('proxy', 'lu:right') };
    await rejects(ask(none), refusal('CONFIGURATION_INVALID'));
  });
});

describe('a private authority', () => {
  test('where it is not given, is another, or names another host: refused', async () => {
    const port = await secureServer();
    const proxy = `http://127.0.0.1:${(await connectProxy()).port}`;
    const origin = `https://${HOST}:${port}`;
    const caFile = written('ca.pem', own.cert);
    strictEqual(await ask({ origin, caFile, proxy }), 200);
    await rejects(ask({ origin, proxy }), refusal('SANDBOX_UNREACHABLE'));
    const another = written('ca.pem', authority().cert);
    await rejects(ask({ origin, caFile: another, proxy }), refusal('SANDBOX_UNREACHABLE'));
    const other = `https://elsewhere.example:${port}`;
    await rejects(ask({ origin: other, caFile, proxy }), refusal('SANDBOX_UNREACHABLE'));
  });

  test('a certificate that has expired: refused', async () => {
    const life = { from: new Date('2024-01-01'), to: new Date('2024-02-01') };
    const origin = `https://${HOST}:${await secureServer([HOST], life)}`;
    const proxy = `http://127.0.0.1:${(await connectProxy()).port}`;
    const caFile = written('ca.pem', own.cert);
    await rejects(ask({ origin, caFile, proxy }), refusal('SANDBOX_UNREACHABLE'));
  });
});
