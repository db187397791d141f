/** What the doctor finds on a machine that is fit, and on one that is not. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { chmodSync, mkdirSync, truncateSync, writeFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { certificateFinding } from '../../src/cli/doctor/files.ts';
import {
  bubblewrapFinding,
  diskFinding,
  memoryFinding,
  nodeFinding,
  processesFinding,
} from '../../src/cli/doctor/machine.ts';
import { clockFinding, versionFinding } from '../../src/cli/doctor/reach.ts';
import { version } from '../../src/cli/version.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { saveKey } from '../../src/engine/keys.ts';
import { startSandbox } from '../../src/sandbox/main.ts';
import { cli } from '../support/captured-io.ts';
import { authority } from '../support/certificates.ts';
import { hasPostgres, POSTGRES_URL } from '../support/postgres.ts';
import { scratch } from '../support/scratch.ts';

async function examined(...args: string[]) {
  const { code, out } = await cli(['doctor', '--json', ...args]);
  const answer = JSON.parse(out) as { healthy: boolean; findings: Finding[] };
  strictEqual(code, answer.healthy ? 0 : 1);
  return (check: string) =>
    answer.findings
      .filter((one) => one.check === check)
      .map(({ status, says }) => `${status} ${says}`);
}

const statusOf = ({ status }: Finding): string => status;

test('a holder that is set up, beside its sandbox', async () => {
  const root = scratch();
  const sandbox = await startSandbox({
    data: path.join(root, 'sandbox'),
    environment: {},
    version: version(),
    flags: { listen: '127.0.0.1:0', logLevel: 'silent' },
  });
  try {
    const data = path.join(root, 'lu');
    mkdirSync(data, { mode: 0o700 });
    await saveKey(path.join(data, 'keys', 'identity.pem'), SigningKey.generate());
    const { publicText } = SigningKey.generate();
    const config = {
      name: 'lu',
      sandbox: sandbox.url,
      holders: { jp: publicText },
      stewards: [publicText],
    };
    writeFileSync(path.join(data, 'config.json'), JSON.stringify(config));
    const found = await examined('--data', data);
    deepStrictEqual(found('configuration'), ['ok holder lu']);
    deepStrictEqual(found('keys'), ['ok 1 for their owner only']);
    deepStrictEqual(found('sandbox'), [`ok ${sandbox.url} answers`]);
    deepStrictEqual(found('version'), [`ok ${version()}`]);
    match(found('clock')[0] ?? '', /^ok within \d s/);
    match(found('database')[0] ?? '', /^warn empty/);

    chmodSync(path.join(data, 'keys', 'identity.pem'), 0o644);
    chmodSync(data, 0o755);
    const open = await examined('--data', data);
    match(open('keys')[0] ?? '', /^fail .*identity\.pem has mode 0644, not 0600$/);
    match(open('data')[0] ?? '', /^fail .* has mode 0755, not 0700$/);
  } finally {
    await sandbox.close();
  }
  const store = path.join(root, 'sandbox', 'store.db');
  const served = await examined('--role', 'sandbox', '--data', path.join(root, 'sandbox'));
  match(served('database')[0] ?? '', /^ok .*store\.db is sound$/);
  // What the log still holds would make it whole again.
  rmSync(`${store}-wal`, { force: true });
  truncateSync(store, 6000);
  const torn = await examined('--role', 'sandbox', '--data', path.join(root, 'sandbox'));
  match(torn('database')[0] ?? '', /^fail /);
});

test('nothing there, and nobody at the address', async () => {
  const data = path.join(scratch(), 'nowhere');
  const found = await examined('--data', data, '--sandbox', 'http://127.0.0.1:1');
  match(found('configuration')[0] ?? '', /^fail .*\/name/);
  match(
    found('sandbox')[0] ?? '',
    /^fail http:\/\/127\.0\.0\.1:1 cannot be reached: ECONNREFUSED$/,
  );
  match(found('data')[0] ?? '', /^warn .* is not there yet/);
});

describe('each finding, at its limits', () => {
  test('Node', () => {
    const of = (text: string) => statusOf(nodeFinding(text));
    deepStrictEqual(['v18.20.0', 'v20.18.9', 'v20.19.0', 'v24.1.0', 'v22.0.0'].map(of), [
      'fail',
      'fail',
      'ok',
      'ok',
      'warn',
    ]);
  });

  test('memory', () => {
    const of = (mebibytes: number) => statusOf(memoryFinding(mebibytes * 1024 * 1024));
    deepStrictEqual([511, 512, 2047, 2048].map(of), ['fail', 'warn', 'warn', 'ok']);
  });

  test('disk', async () => {
    ok(['ok', 'warn'].includes(statusOf(await diskFinding(path.join(scratch(), 'a', 'b')))));
    strictEqual(statusOf(await diskFinding('/proc/self')), 'fail');
  });

  test('clock', () => {
    const here = new Date('2026-01-01T00:00:00Z');
    const of = (seconds: number) =>
      statusOf(clockFinding(new Date(here.getTime() + seconds * 1000), here));
    deepStrictEqual([0, 5, -6, 30, -31].map(of), ['ok', 'ok', 'warn', 'warn', 'fail']);
    strictEqual(statusOf(clockFinding(new Date('no date'), here)), 'fail');
  });

  test('version', () => {
    const of = (sandbox?: string) => statusOf(versionFinding(sandbox, '0.1.0'));
    deepStrictEqual([of('0.1.0'), of('0.1.1'), of('0.2.0'), of()], ['ok', 'warn', 'fail', 'warn']);
  });

  test('certificate', () => {
    const directory = scratch();
    const own = authority();
    const tls = {
      certFile: path.join(directory, 'cert.pem'),
      keyFile: path.join(directory, 'key.pem'),
    };
    const { cert, key } = own.issue(['a.example'], {
      from: new Date('2026-01-01'),
      to: new Date('2026-03-01'),
    });
    writeFileSync(tls.certFile, cert);
    writeFileSync(tls.keyFile, key, { mode: 0o600 });
    const on = (day: string) => statusOf(certificateFinding(tls, new Date(day)));
    deepStrictEqual(['2025-12-31', '2026-01-02', '2026-02-15', '2026-03-02'].map(on), [
      'fail',
      'ok',
      'warn',
      'fail',
    ]);
    writeFileSync(tls.keyFile, own.issue(['a.example']).key);
    strictEqual(on('2026-01-02'), 'fail');
    strictEqual(statusOf(certificateFinding(undefined, new Date())), 'ok');
  });

  test('bubblewrap', async () => {
    strictEqual(statusOf(await bubblewrapFinding('/nowhere/bwrap')), 'warn');
    strictEqual(statusOf(await bubblewrapFinding(process.execPath)), 'ok');
  });

  test.each<[string, string, string]>([
    ['version 2', '0::/system.slice/holder.service\n', 'system.slice'],
    ['version 1', '9:name=systemd:/\n8:pids:/docker/x\n0::/\n', 'pids/docker'],
    ['version 1, several controllers', '3:cpu,pids:/docker/x\n', 'pids/docker'],
  ])('the limit on processes, control groups of %s', async (_, text, limited) => {
    const root = scratch();
    const self = path.join(root, 'self');
    writeFileSync(self, text);
    const mounted = path.join(root, 'cgroup');
    mkdirSync(path.join(mounted, limited), { recursive: true });
    const group = () => processesFinding({ self, mounted });
    strictEqual(statusOf(await group()), 'warn');
    const file = path.join(mounted, limited, 'pids.max');
    writeFileSync(file, 'max\n');
    strictEqual(statusOf(await group()), 'warn');
    writeFileSync(file, '512\n');
    match((await group()).says, /at most 512/);
    strictEqual(
      statusOf(await processesFinding({ self: '/nowhere', mounted: '/nowhere' })),
      'warn',
    );
  });
});

describe('--print-config', () => {
  const printed = async (...args: string[]) => {
    const { code, out, err } = await cli([...args, '--print-config']);
    strictEqual(code, 0, err);
    return out;
  };

  test('of a holder: everything it would run with, no password', async () => {
    const data = path.join(scratch(), 'lu');
    const key = SigningKey.generate().publicText;
    const text = await printed(
      ...['holder', '--data', data, '--name', 'lu', '--sandbox', 'https://sandbox.example:7310'],
      ...['--steward', key, '--proxy', 'http://lu:canary@proxy.example:3128'],
      ...['--passphrase-file', '/etc/kakehashi/passphrase'],
    );
    const shown = JSON.parse(text) as Record<string, unknown>;
    strictEqual(shown['proxy'], 'http://[redacted]@proxy.example:3128');
    strictEqual(shown['passphraseFile'], '/etc/kakehashi/passphrase');
    deepStrictEqual(shown['stewards'], [key]);
    strictEqual(shown['threads'], 1);
    ok(!text.includes('canary'));
  });

  test('of a sandbox; what is wrong is refused as at the start', async () => {
    const data = path.join(scratch(), 'sandbox');
    const shown = JSON.parse(await printed('sandbox', '--data', data)) as Record<string, unknown>;
    deepStrictEqual(shown['listen'], { host: '127.0.0.1', port: 7310 });
    strictEqual(shown['drainSeconds'], 0);
    const open = ['sandbox', '--data', data, '--listen', '0.0.0.0:1', '--print-config'];
    strictEqual((await cli(open)).code, 2);
  });
});

test('a database that is configured: its address is secret, and it is asked', async () => {
  const data = path.join(scratch(), 'sandbox');
  mkdirSync(data, { mode: 0o700 });
  const urlFile = path.join(data, '..', 'address');
  writeFileSync(path.join(data, 'config.json'), JSON.stringify({ database: { urlFile } }));
  const say = async (url: string, mode = 0o600): Promise<string> => {
    writeFileSync(urlFile, `${url}\n`);
    chmodSync(urlFile, mode);
    const found = await examined('--role', 'sandbox', '--data', data);
    return found('database')[0] ?? '';
  };
  match(await say('postgres://me:word@127.0.0.1:1/x'), /^fail /);
  match(await say('postgres://me:word@db.example/x'), /^fail /);
  match(await say('postgres://me:word@127.0.0.1:1/x', 0o644), /^fail /);
  if (hasPostgres) match(await say(POSTGRES_URL), /^ok PostgreSQL \d/);
  const printed = await cli(['sandbox', '--print-config', '--data', data]);
  strictEqual(printed.code, 0);
  ok(printed.out.includes('urlFile') && !printed.out.includes('postgres://'));
});
