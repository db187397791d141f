/** Institutions with a tap on the line, one of whose holders is set back to an earlier backup. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseInstitutions } from './database-institutions.ts';
import { Institutions, json, QUERY, type Service } from './institutions.ts';
import { sentTwice, Wiretap } from './wiretap.ts';

type Cells = { release: { cells: { value: number }[] } };
type Ledger = {
  spent: { rho: string };
  reserved: { rho: string };
  entries: { body: { type: string } }[];
};
export const query = (n: number) => ({ ...QUERY, rho: `1/${n}` });

export class Restorable {
  readonly here: Institutions;
  readonly tap = new Wiretap(() => this.here.url);
  lu!: Service;
  jp!: Service;

  constructor(here = new Institutions()) {
    this.here = here;
  }

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

export const has = ({ entries }: Ledger, type: string): boolean =>
  entries.some(({ body }) => body.type === type);

export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 120; i += 1) {
    if (await holds()) return;
    await sleep(500);
  }
  ok(false, `never: ${what}`);
}

/** The same with stores in PostgreSQL: a backup is a dump of the holder's schema. */
export class RestorableDatabase extends Restorable {
  override readonly here: DatabaseInstitutions;

  constructor(here = new DatabaseInstitutions()) {
    super(here);
    this.here = here;
  }

  override async backup(name: string): Promise<Record<string, unknown>> {
    this.here.dump('lu', this.here.at('backups', name));
    return Promise.resolve({});
  }

  override async restore(name: string): Promise<void> {
    await this.lu.kill('SIGKILL');
    await this.here.undump('lu', this.here.at('backups', name));
    this.lu = await this.start();
  }
}

/** What must hold of `place`, not yet opened, whichever store it has. */
export async function everyBackupInTurn(place: Restorable): Promise<void> {
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
}
