/**
 * A holder that is set back to an earlier backup, by its people and by accident: it starts in `recovering`,
 * hears what it has forgotten, and never gives a second share, never spends what was spent, never signs a
 * second log. Everything in real processes, with a tap on the line.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { Institutions, json, QUERY, type Service } from '../support/institutions.ts';
import { sentTwice, Wiretap } from '../support/wiretap.ts';

type Cells = { release: { cells: { value: number }[] } };
type Ledger = {
  spent: { rho: string };
  reserved: { rho: string };
  entries: { body: { type: string } }[];
};
const query = (n: number) => ({ ...QUERY, rho: `1/${n}` });

class Restorable {
  readonly here = new Institutions();
  readonly tap = new Wiretap(() => this.here.url);
  lu!: Service;
  jp!: Service;

  async open(): Promise<void> {
    const { here } = this;
    await here.prepare();
    await here.sandbox();
    await this.tap.listen();
    [this.lu, this.jp] = await Promise.all([
      this.start(),
      here.holder('jp', undefined, this.tap.url),
    ]);
    await here.submit();
    await Promise.all(here.names.map((name) => here.load(name)));
  }

  start(): Promise<Service> {
    return this.here.holder('lu', undefined, this.tap.url);
  }

  backup(name: string): Promise<Record<string, unknown>> {
    return json(['backup', '--data', this.here.data('lu'), '--out', this.here.at('backups', name)]);
  }

  /** Stops the holder, puts the backup in its place with the keys and cohorts of before, and starts it. */
  async restore(name: string): Promise<void> {
    await this.lu.kill('SIGKILL');
    const [data, old] = [this.here.data('lu'), this.here.at(`lu-before-${name}-${Date.now()}`)];
    renameSync(data, old);
    const answer = await json(['restore', this.here.at('backups', name), '--data', data]);
    strictEqual(answer['recovering'], true);
    cpSync(path.join(old, 'keys', 'identity.pem'), path.join(data, 'keys', 'identity.pem'));
    if (existsSync(path.join(old, 'cohorts'))) {
      cpSync(path.join(old, 'cohorts'), path.join(data, 'cohorts'), { recursive: true });
    }
    this.lu = await this.start();
  }

  async ledger(name: string): Promise<Ledger> {
    return (await this.here.ledger(name)) as Ledger;
  }

  async released(n: number): Promise<number[]> {
    const { code, out, err } = await this.here.ask(query(n), 90);
    strictEqual(code, 0, err + out);
    return (JSON.parse(out) as Cells).release.cells.map(({ value }) => value);
  }
}

const has = ({ entries }: Ledger, type: string): boolean =>
  entries.some(({ body }) => body.type === type);

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 120; i += 1) {
    if (await holds()) return;
    await sleep(500);
  }
  ok(false, `never: ${what}`);
}

test('every earlier backup of two runs, restored in turn', async () => {
  const place = new Restorable();
  await place.open();
  const { here, tap } = place;
  mkdirSync(here.at('backups'), { mode: 0o700 });
  await place.backup('before');
  const first = await place.released(100);
  await place.backup('between');
  await place.released(200);
  await place.backup('after');
  strictEqual((await place.ledger('lu')).spent.rho, '3/200');

  for (const [name, next] of [
    ['after', 1000],
    ['between', 2000],
    ['before', 4000],
  ] as const) {
    const spent = (await place.ledger('lu')).spent.rho;
    await place.restore(name);
    await until('recovered', async () => has(await place.ledger('lu'), 'restore'));
    // Never less than before; the same where nothing was under way.
    strictEqual((await place.ledger('lu')).spent.rho, spent, name);
    await place.released(next);
  }
  // The first release stands and is free, although the holder has forgotten its vector.
  deepStrictEqual(await place.released(100), first);
  // 1/100 + 1/200 + 1/1000 + 1/2000 + 1/4000
  strictEqual((await place.ledger('lu')).spent.rho, '67/4000');
  strictEqual((await place.ledger('jp')).spent.rho, '67/4000');
  deepStrictEqual(sentTwice(tap.tapped), [], 'nothing was sent twice with other bytes');
  tap.close();
}, 600_000);

test('a run that is under way when its holder is set back ends as incomplete, and is charged', async () => {
  const place = new Restorable();
  await place.open();
  const { here, tap } = place;
  mkdirSync(here.at('backups'), { mode: 0o700 });
  await place.backup('before');
  // The holder dies once its contribution is stored: it has touched data, and others know.
  await place.lu.kill('SIGTERM');
  place.lu = await here.holder('lu', 'queued/contribution', tap.url);
  const asked = here.ask(query(100), 90);
  strictEqual(await place.lu.gone, 'SIGKILL');
  await place.restore('before');
  const { code, out } = await asked;
  ok(code !== 0 && /RUN_INCOMPLETE|RUN_ABORTED/.test(out), out);
  await until('recovered', async () => has(await place.ledger('lu'), 'restore'));
  strictEqual((await place.ledger('lu')).spent.rho, '1/100');
  await place.released(100);
  strictEqual((await place.ledger('lu')).spent.rho, '1/50');
  deepStrictEqual(sentTwice(tap.tapped), []);
  tap.close();
}, 300_000);

test('without the others it waits, and goes on when they are there', async () => {
  const place = new Restorable();
  await place.open();
  const { here, tap } = place;
  mkdirSync(here.at('backups'), { mode: 0o700 });
  await place.backup('before');
  await place.released(100);
  await place.jp.kill('SIGTERM');
  await place.restore('before');
  await sleep(4000);
  ok(!has(await place.ledger('lu'), 'restore'), 'nobody was heard');
  await here.holder('jp', undefined, tap.url);
  await until('recovered', async () => has(await place.ledger('lu'), 'restore'));
  strictEqual((await place.ledger('lu')).spent.rho, '1/100');
  tap.close();
}, 300_000);

test('both holders set back at once recover from what each of them sent; a stop stays a stop', async () => {
  const place = new Restorable();
  await place.open();
  const { here, tap } = place;
  mkdirSync(here.at('backups'), { mode: 0o700 });
  await place.backup('before');
  await json(['backup', '--data', here.data('jp'), '--out', here.at('backups', 'jp')]);
  await place.released(100);
  await place.jp.kill('SIGKILL');
  renameSync(here.data('jp'), here.at('jp-before'));
  await json(['restore', here.at('backups', 'jp'), '--data', here.data('jp')]);
  const pem = path.join('keys', 'identity.pem');
  cpSync(path.join(here.at('jp-before'), pem), path.join(here.data('jp'), pem));
  await Promise.all([place.restore('before'), here.holder('jp', undefined, tap.url)]);
  for (const name of here.names) {
    await until('recovered', async () => has(await place.ledger(name), 'restore'));
    strictEqual((await place.ledger(name)).spent.rho, '1/100');
  }
  await json(['study', 'stop', here.study, '--data', here.data('lu')]);
  await until('told', async () => {
    const { code, out } = await here.ask(query(200), 20);
    return code === 7 || out.includes('STUDY_STOPPED');
  });
  await place.restore('before');
  await until('recovered', async () => has(await place.ledger('lu'), 'restore'));
  const { code } = await here.ask(query(300), 20);
  strictEqual(code, 7, 'stopped');
  tap.close();
}, 300_000);
