/** The process around the service: configuration, directory, listening, ending. */
import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Piscina } from 'piscina';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { systemClock } from '../../src/engine/clock.ts';
import { signedRequest } from '../../src/engine/transport/signed-request.ts';
import { RLWE_4096 } from '../../src/he/ring/parameters.ts';
import { sumCiphertexts } from '../../src/he/collective/sum.ts';
import { readSandboxConfiguration } from '../../src/sandbox/configuration.ts';
import { USUAL_LIMITS } from '../../src/sandbox/protection.ts';
import { startSandbox } from '../../src/sandbox/main.ts';
import { bundled } from '../support/bundle.ts';
import { refusal } from '../support/refusal.ts';
import { refused } from '../support/refused.ts';
import { scratch } from '../support/scratch.ts';

const NOWHERE = '/nowhere/config.json';
const [lu, jp] = [SigningKey.generate(), SigningKey.generate()];

describe('configuration', () => {
  const read = (flags: Record<string, Json>, environment: Record<string, string> = {}) =>
    readSandboxConfiguration(NOWHERE, environment, flags);

  test('flags over file over environment over defaults', () => {
    const file = path.join(scratch(), 'config.json');
    writeFileSync(file, JSON.stringify({ listen: '127.0.0.1:2', threads: 2 }));
    const environment = { KAKEHASHI_LISTEN: '127.0.0.1:1', KAKEHASHI_LOG_LEVEL: 'error' };
    const configuration = readSandboxConfiguration(file, environment, { threads: 3 });
    deepStrictEqual(
      { ...configuration },
      {
        listen: { host: '127.0.0.1', port: 2 },
        holders: {},
        ops: [],
        auditors: [],
        ...USUAL_LIMITS,
        drainSeconds: 0,
        retentionDays: 7,
        peers: { listen: { host: '127.0.0.1', port: 0 } },
        threads: 3,
        logLevel: 'error',
      },
    );
    const holders = JSON.stringify({ lu: lu.publicText });
    deepStrictEqual(read({}, { KAKEHASHI_HOLDERS: holders }).holders, { lu: lu.publicText });
    deepStrictEqual(read({}).listen, { host: '127.0.0.1', port: 7310 });
  });

  test('off loopback only with TLS', () => {
    const tls = { certFile: 'cert.pem', keyFile: 'key.pem' };
    for (const listen of ['127.0.0.1:0', '127.1.2.3:80', '[::1]:0', 'localhost:7310'])
      read({ listen });
    for (const listen of [
      '0.0.0.0:0',
      '[::]:0',
      '10.0.0.1:1',
      'example.org:1',
      '127.0.0.1.org:1',
    ]) {
      deepStrictEqual(
        refused(() => read({ listen })),
        ['/tls REQUIRED_OFF_LOOPBACK'],
      );
      read({ listen, tls });
    }
  });

  test('other processes need an address that is one of this machine', () => {
    const peers = { listen: '0.0.0.0:7311', address: '10.0.0.5:7311' };
    deepStrictEqual(read({ peers }).peers, { ...peers, listen: { host: '0.0.0.0', port: 7311 } });
    const wrong: [Json, string][] = [
      [{ listen: '0.0.0.0:7311' }, '/peers/address REQUIRED'],
      [{ listen: '[::]:0' }, '/peers/address REQUIRED'],
      [{ ...peers, address: '10.0.0.5:0' }, '/peers/address WRONG_FORMAT'],
      [{ ...peers, listen: '7311' }, '/peers/listen WRONG_FORMAT'],
    ];
    for (const [setting, code] of wrong) {
      deepStrictEqual(
        refused(() => read({ peers: setting })),
        [code],
      );
    }
  });

  test('what is wrong is named', () => {
    for (const listen of ['127.0.0.1', '::1:80', ':80', '127.0.0.1:70000']) {
      deepStrictEqual(
        refused(() => read({ listen })),
        ['/listen WRONG_FORMAT'],
      );
    }
    deepStrictEqual(
      refused(() => read({ port: 1 })),
      ['/port UNKNOWN_FIELD'],
    );
    deepStrictEqual(
      refused(() => read({ holders: { Lu: lu.publicText } })),
      ['/holders/Lu WRONG_FORMAT'],
    );
    const twice = { holders: { lu: lu.publicText, jp: lu.publicText } };
    deepStrictEqual(
      refused(() => read(twice)),
      ['/holders/lu DUPLICATE_KEY'],
    );
    const small = { holders: { lu: `ed25519:${'A'.repeat(43)}` } };
    deepStrictEqual(
      refused(() => read(small)),
      ['/holders/lu KEY_INVALID'],
    );
    throws(() => read({ threads: 0 }), refusal('CONFIGURATION_INVALID'));
  });
});

describe('the process', () => {
  const start = (data: string, flags: Record<string, Json> = {}) =>
    startSandbox({
      data,
      environment: {},
      version: '0.0.0',
      flags: {
        listen: '127.0.0.1:0',
        logLevel: 'silent',
        holders: { lu: lu.publicText, jp: jp.publicText },
        ...flags,
      },
    });

  test('listens, is alone on its directory, and ends while a holder waits', async () => {
    const data = path.join(scratch(), 'sandbox');
    const sandbox = await start(data);
    const live = await fetch(`${sandbox.url}/livez`);
    deepStrictEqual(await live.json(), { status: 'ok', version: '0.0.0' });
    await rejects(start(data), refusal('DATA_DIRECTORY_BUSY'));
    const port = new URL(sandbox.url).port;
    await rejects(
      start(scratch(), { listen: `127.0.0.1:${port}` }),
      refusal('CONFIGURATION_INVALID'),
    );

    const request = signedRequest({
      origin: sandbox.url,
      key: lu,
      clock: systemClock,
      rng: systemRng,
    });
    const polling = request('GET', '/v1/inbox?after=0&wait=25');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const started = Date.now();
    await sandbox.close();
    strictEqual((await polling).status, 200);
    ok(Date.now() - started < 3000);
    await (await start(data)).close();
  });

  test('what is not HTTP is answered with a problem document', async () => {
    const sandbox = await start(path.join(scratch(), 'sandbox'));
    const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1');
    socket.end('NOT HTTP\r\n\r\n');
    match(await text(socket), /^HTTP\/1\.1 400 [\s\S]*urn:kakehashi:problem:MALFORMED_MESSAGE/);
    await sandbox.close();
  });

  test('a TLS key that others can read is refused, a missing one likewise', async () => {
    const directory = scratch();
    const [certFile, keyFile] = ['cert.pem', 'key.pem'].map((name) =>
      path.join(directory, name),
    ) as [string, string];
    const data = path.join(directory, 'sandbox');
    await rejects(start(data, { tls: { certFile, keyFile } }), refusal('FILE_NOT_FOUND'));
    writeFileSync(keyFile, '', { mode: 0o644 });
    await rejects(start(data, { tls: { certFile, keyFile } }), refusal('KEY_FILE_MODE'));
    // The directory was given back each time.
    await (await start(data)).close();
  });

  test('somebody else’s directory is left alone', async () => {
    const directory = scratch();
    mkdirSync(path.join(directory, 'photos'));
    await rejects(start(directory), refusal('DATA_DIRECTORY_DAMAGED'));
  });
});

test('the worker adds as this thread does, and refuses what is no job', async () => {
  const filename = await bundled('src/sandbox/worker.ts');
  const pool = new Piscina({ filename, name: 'runJob', maxThreads: 1 });
  const inputs = [0, 1].map((first) => {
    const bytes = new Uint8Array(RLWE_4096.polynomialBytes);
    bytes[0] = first;
    return bytes;
  });
  const params = { parameters: [RLWE_4096.id], slots: 1 };
  deepStrictEqual(
    await pool.run({ kind: 'rlwe-sum', inputs, params }),
    sumCiphertexts(RLWE_4096, inputs),
  );
  const answer: unknown = await pool.run({ kind: 'rlwe-sum', inputs, params: { parameters: 'x' } });
  match(JSON.stringify(answer), /INVALID_PARAMETER/);
  await pool.destroy();
});
