/**
 * What several processes on one schema tell each other (engine/stores/peers.ts), over one connection
 * that stays open: LISTEN and NOTIFY for what is new, advisory locks for who does what. A process that
 * dies loses its connection, and with it what it had claimed. One whose connection breaks claims again what it
 * keeps: until then it may not do what it is the only one to do.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { check } from '../../base/errors.ts';
import type { Log } from '../../flows/ports.ts';
import type { Peers } from '../stores/peers.ts';
import { type Address, asStoreRefusal, clientOptions } from './connect.ts';
import { lockKey } from './lock-key.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
/** The server may hold the lock of a connection that broke until it notices (connect.ts, KEEPALIVE). */
const CLAIM_AGAIN_MS = 500;

export class PostgresSession implements Peers {
  readonly some = true;
  readonly #address: Address;
  readonly #log: Pick<Log, 'warn'> | undefined;
  readonly #id = randomUUID();
  #heard: (topic: string | undefined) => void = () => undefined;
  /** Undefined while there is no connection. */
  #client: pg.Client | undefined;
  #claimed = new Set<string>();
  /** Claimed again after every reconnection. */
  readonly #kept = new Set<string>();
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

  /** Claims `name` for as long as this process lives, over reconnections. False where another one has it. */
  async keep(name: string): Promise<boolean> {
    const got = await this.claim(name);
    if (got) this.#kept.add(name);
    return got;
  }

  /**
   * Refuses while what is kept is not claimed: with DATABASE_UNREACHABLE where there is no connection, with
   * DATA_DIRECTORY_BUSY where the server says that somebody has it.
   */
  checkKept(name: string): void {
    check(this.#client !== undefined, 'DATABASE_UNREACHABLE', `claim of ${name}`);
    check(this.#claimed.has(name), 'DATA_DIRECTORY_BUSY', `claim of ${name}`);
  }

  async release(name: string): Promise<void> {
    this.#kept.delete(name);
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
    try {
      await client.connect();
      await client.query(`LISTEN ${this.#address.schema}`);
    } catch (error) {
      // A connection that hears nothing is none, and must not stay open.
      await client.end().catch(() => undefined);
      throw asStoreRefusal(error);
    }
    this.#client = client;
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#claimed = new Set();
    if (!this.#closed) this.#connecting = this.#reconnect();
  }

  /** Until all that is kept is claimed, or `client` is not the connection any more. */
  async #claimAgain(client: pg.Client | undefined): Promise<void> {
    let told = false;
    for (;;) {
      const missing = [...this.#kept].filter((name) => !this.#claimed.has(name));
      for (const name of missing) await this.claim(name);
      if (missing.every((name) => this.#claimed.has(name))) return;
      if (!told) this.#log?.warn({ claims: missing }, 'claimed by another connection');
      told = true;
      await sleep(CLAIM_AGAIN_MS, undefined, { ref: false });
      if (this.#closed || client !== this.#client) return;
    }
  }

  async #reconnect(): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; !this.#closed; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      await sleep(pause);
      try {
        await this.#connect();
        void this.#claimAgain(this.#client);
        this.#heard(undefined);
        return;
      } catch {
        // Again, for as long as the service lives.
      }
    }
  }
}
