/**
 * TLS between holders and sandbox over a line that is cut, and one that falls silent, in the middle of a frame: the
 * holder connects again, the run goes on with the same bytes, and the sandbox keeps nothing of the half.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { onTestFinished, test } from 'vitest';
import { authority } from '../support/certificates.ts';
import { FaultyLine } from '../support/faulty-line.ts';
import { Institutions, QUERY, type Service } from '../support/institutions.ts';

/** Cells enough for a contribution of some kilobytes. */
const WIDE = {
  ...QUERY,
  groupBy: [...QUERY.groupBy, { column: 'age', bins: Array.from({ length: 111 }, (_, i) => i) }],
};

const residentMb = ({ pid }: Service): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

test('cut and silent in the middle of a frame', async () => {
  const here = new Institutions();
  const issuer = authority();
  const pair = issuer.issue(['localhost']);
  const [certFile, keyFile] = [here.at('sandbox.crt'), here.at('sandbox.key')];
  writeFileSync(certFile, pair.cert);
  writeFileSync(keyFile, pair.key, { mode: 0o600 });
  const caFile = here.at('ca.crt');
  writeFileSync(caFile, issuer.cert);
  // Every process of ours trusts the authority, as an administrator sets it.
  const before = process.env['NODE_EXTRA_CA_CERTS'];
  process.env['NODE_EXTRA_CA_CERTS'] = caFile;
  onTestFinished(() => {
    if (before === undefined) delete process.env['NODE_EXTRA_CA_CERTS'];
    else process.env['NODE_EXTRA_CA_CERTS'] = before;
  });
  await here.prepare({ settings: { listen: 'localhost:0', tls: { certFile, keyFile } } });
  const sandbox = await here.sandbox();
  strictEqual(new URL(here.url).protocol, 'https:');
  const line = new FaultyLine(() => Number(new URL(here.url).port));
  await line.listen();
  await Promise.all([
    here.holder('lu', undefined, `https://localhost:${line.port}`),
    here.holder('jp'),
  ]);
  await here.submit();
  await Promise.all(here.names.map((name) => here.load(name)));
  const atStart = residentMb(sandbox);
  for (const [fault, rho] of [
    ['cut', '1/100'],
    ['stall', '1/200'],
  ] as const) {
    line.arm(fault);
    const { code, out, err } = await here.ask({ ...WIDE, rho }, 200);
    strictEqual(code, 0, err + out);
    strictEqual(line.faults.at(-1), fault);
  }
  deepStrictEqual(line.faults, ['cut', 'stall']);
  for (const name of here.names) {
    const { spent, reserved } = (await here.ledger(name)) as Record<string, { rho: string }>;
    deepStrictEqual([spent?.rho, reserved?.rho], ['3/200', '0/1'], 'one charge each');
  }
  ok(residentMb(sandbox) - atStart < 200, `${atStart} MiB, then ${residentMb(sandbox)}`);
}, 400_000);
