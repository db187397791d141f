/** A certificate is replaced while the service runs; what does not fit is not taken. */
import { deepStrictEqual, match, ok, strictEqual, throws } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import path from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { onTestFinished, test } from 'vitest';
import { serviceLog } from '../../src/engine/service-log.ts';
import { checkPair, watchCertificate } from '../../src/sandbox/certificate.ts';
import { readTls } from '../../src/sandbox/configuration.ts';
import { authority, type Pair } from '../support/certificates.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';

const own = authority();
const EVERY_MS = 20;

function place(directory: string, { cert, key }: Pair, mode = 0o600) {
  const files = {
    certFile: path.join(directory, 'cert.pem'),
    keyFile: path.join(directory, 'key.pem'),
  };
  writeFileSync(files.certFile, cert);
  writeFileSync(files.keyFile, key, { mode });
  return files;
}

/** The serial number that a new connection is shown. */
const serial = (server: Server): Promise<string> =>
  new Promise((resolve, reject) => {
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const socket = connect(
      { port, host: '127.0.0.1', ca: own.cert, servername: 'a.example' },
      () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      },
    ).on('error', reject);
  });

async function serving(directory: string, first: Pair) {
  const lines: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  const tls = place(directory, first);
  const server = createServer({ ...first, minVersion: 'TLSv1.3' }, (_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const log = serviceLog({ role: 'sandbox', level: 'info', stream });
  const watch = watchCertificate(server, () => readTls({ tls }), log, EVERY_MS);
  onTestFinished(() => {
    watch.stop();
    server.closeAllConnections();
    server.close();
  });
  return { server, lines };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i += 1) {
    if (await holds()) return;
    await sleep(EVERY_MS);
  }
  throw new Error('never');
}

test('a new pair is taken for new connections', async () => {
  const directory = scratch();
  const { server, lines } = await serving(directory, own.issue(['a.example']));
  const before = await serial(server);
  place(directory, own.issue(['a.example']));
  await until(async () => (await serial(server)) !== before);
  await until(() => lines.some((line) => line.includes('certificate replaced')));
});

test('a key of another certificate, half a file, and a key that others can read are not', async () => {
  const directory = scratch();
  const first = own.issue(['a.example']);
  const { server, lines } = await serving(directory, first);
  const before = await serial(server);
  const [one, other] = [own.issue(['a.example']), own.issue(['a.example'])];
  const bad: readonly (() => void)[] = [
    () => place(directory, { cert: one.cert, key: other.key }),
    () => place(directory, { cert: one.cert.slice(0, 200), key: one.key }),
  ];
  for (const [index, write] of bad.entries()) {
    write();
    await until(() => lines.filter((line) => line.includes('not replaced')).length > index);
    await sleep(5 * EVERY_MS);
    // Said once, not at every look.
    strictEqual(lines.filter((line) => line.includes('not replaced')).length, index + 1);
    strictEqual(await serial(server), before);
    place(directory, first);
    await until(() => true);
    await sleep(2 * EVERY_MS);
  }
  ok(!lines.join('').includes('PRIVATE'));
  match(lines[0] ?? '', /"code":"KEY_FILE_INVALID"/);
});

test('pairs', () => {
  const [one, other] = [own.issue(['a.example']), own.issue(['b.example'])];
  const pair = (cert: string, key: string) => ({ cert: Buffer.from(cert), key: Buffer.from(key) });
  deepStrictEqual(checkPair(pair(one.cert, one.key)).checkHost('a.example'), 'a.example');
  throws(() => checkPair(pair(one.cert, other.key)), refusal('KEY_FILE_INVALID'));
  throws(() => checkPair(pair('x', one.key)), refusal('KEY_FILE_INVALID'));
  const tls = place(scratch(), { cert: one.cert, key: other.key });
  throws(() => readTls({ tls }), refusal('KEY_FILE_INVALID'));
});
