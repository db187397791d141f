/**
 * Institutions whose sandbox is two processes on one PostgreSQL schema, behind one address, and whose
 * holders have their ledgers in PostgreSQL too.
 */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseInstitutions } from './database-institutions.ts';
import { type KillAt, type Options, type Service, service } from './institutions.ts';
import { balance, type Balancer } from './tcp-balancer.ts';

export class SharedSandbox extends DatabaseInstitutions {
  get sandboxSchema(): string {
    return this.schema('sandbox');
  }

  /** With a data directory for the second process. */
  override async prepare(options: Options = {}): Promise<void> {
    await super.prepare(options);
    mkdirSync(this.data('second'), { mode: 0o700 });
    const [from, to] = [this.data('sandbox'), this.data('second')];
    copyFileSync(path.join(from, 'config.json'), path.join(to, 'config.json'));
    const operator = path.join('keys', 'operator.pem');
    if (!existsSync(path.join(from, operator))) return;
    mkdirSync(path.join(to, 'keys'), { mode: 0o700 });
    copyFileSync(path.join(from, operator), path.join(to, operator));
  }

  async process(name: 'sandbox' | 'second', killAt?: KillAt): Promise<Service> {
    return service(['sandbox', '--data', this.data(name)], this.log(name), killAt);
  }

  /**
   * Everything up to the first query; `killAt` is for both processes of the sandbox. A holder speaks to the balancer
   * unless `place` gives another address.
   */
  async shared(
    options: Options = {},
    killAt?: KillAt,
    place: (name: string, processes: readonly [Service, Service]) => string = () => this.url,
  ): Promise<{
    readonly processes: readonly [Service, Service];
    readonly balancer: Balancer;
  }> {
    await this.prepare(options);
    const processes = await Promise.all([
      this.process('sandbox', killAt),
      this.process('second', killAt),
    ]);
    const balancer = await balance(processes.map(({ ready }) => String(ready['url'])));
    this.url = balancer.url;
    await Promise.all(
      this.names.map((name) => this.holder(name, undefined, place(name, processes))),
    );
    await this.submit();
    await Promise.all(this.names.map((name) => this.load(name)));
    return { processes, balancer };
  }
}
