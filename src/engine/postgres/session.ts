/**
 * What several processes on one schema tell each other (engine/stores/peers.ts), over one connection
 * that stays open: LISTEN and NOTIFY for what is new, advisory locks for who does what. A process that
 * dies loses its connection, and with it what it had claimed.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../../flows/ports.ts';
import type { Peers } from '../stores/peers.ts';
import { type Address, clientOptions } from './connect.ts';
import { lockKey } from './lock-key.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

export class PostgresSession implements Peers {
  readonly some = true;
  readonly #address: Address;
  readonly #log: Pick<Log, 'warn'> | undefined;
  readonly #id = randomUUID();
  #heard: (topic: string | undefined) => void = () => undefined;
  /** Undefined while there is no connection. */
  #client: pg.Client | undefined;
  #claimed = new Set<string>();
  /** Said once for all that is announced in one turn. */
  readonly #waiting = new Set<string>();
  #closed = false;
  #connecting: Promise<void> = Promise.resolve();

  constructor(address: Address, log?: Pick<Log, 'warn'>) {
    this.#address = address;
    this.#log = log;
  }

  async open(): Promise<this> {
    await this.#connect();
    return this;
  }

  announce(topic: string): void {
    if (this.#waiting.size === 0) setImmediate(() => this.#say());
    this.#waiting.add(topic);
  }

  listen(heard: (topic: string | undefined) => void): void {
    this.#heard = heard;
  }

  async claim(name: string): Promise<boolean> {
    if (this.#claimed.has(name)) return true;
    const client = this.#client;
    if (client === undefined) return false;
    const { rows } = await client
      .query<{ got: boolean }>(`SELECT pg_try_advisory_lock(${this.#key(name)}) got`)
      .catch(() => ({ rows: [{ got: false }] }));
    // Of another connection than the one that is open now it would be no claim.
    const got = rows[0]?.got === true && client === this.#client;
    if (got) this.#claimed.add(name);
    return got;
  }

  async release(name: string): Promise<void> {
    if (!this.#claimed.delete(name)) return;
    await this.#client
      ?.query(`SELECT pg_advisory_unlock(${this.#key(name)})`)
      .catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connecting;
    await this.#client?.end().catch(() => undefined);
  }

  #key(name: string): string {
    return lockKey(this.#address.schema, `claim ${name}`);
  }

  #say(): void {
    const topics = [...this.#waiting];
    this.#waiting.clear();
    const calls = topics.map((_, i) => `pg_notify($1, $${i + 2})`).join(', ');
    const payloads = topics.map((topic) => `${this.#id} ${topic}`);
    // What cannot be said is found by those who look again without being told.
    this.#client
      ?.query(`SELECT ${calls}`, [this.#address.schema, ...payloads])
      .catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client(clientOptions(this.#address));
    client.on('notification', ({ payload = '' }) => {
      const [from, topic] = payload.split(' ');
      if (from !== this.#id && topic !== undefined) this.#heard(topic);
    });
    client.on('error', (err) => this.#log?.warn({ err }, 'database session ended'));
    client.on('end', () => this.#lost(client));
    await client.connect();
    await client.query(`LISTEN ${this.#address.schema}`);
    this.#client = client;
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#claimed = new Set();
    if (!this.#closed) this.#connecting = this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; !this.#closed; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      await sleep(pause);
      try {
        await this.#connect();
        this.#heard(undefined);
        return;
      } catch {
        // Again, for as long as the service lives.
      }
    }
  }
}
