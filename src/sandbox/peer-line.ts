/**
 * Asks another process of this sandbox, over HTTP inside TLS with a key that both know (records-door.ts): its refusals
 * are given as they are, and one that cannot be reached, or breaks off, is OVERLOADED, which a holder asks again.
 * @module
 */
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { json as jsonOf } from 'node:stream/consumers';
import { check, type ErrorCode, Refusal } from '../base/errors.ts';
import type { RecordPlace } from '../engine/stores/sandbox-record-places.ts';
import type { Log } from '../flows/ports.ts';
import { readListen } from './listen.ts';
import { STATUS } from './problem.ts';
import { IDENTITY, LONGEST_WAIT_MS, TLS_PSK } from './records-door.ts';

/** How long a process may be silent: it may let a sender wait for room, or a receiver for a record. */
const SILENCE_MS = LONGEST_WAIT_MS + 10_000;
/** Connections to one process; requests beyond wait for one. */
const MOST_CONNECTIONS = 64;
/** Processes that were spoken to and not forgotten; those that died are among them for a while. */
const MOST_PROCESSES = 16;

export type Ask = {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly path: string;
  readonly body?: Uint8Array;
  readonly gone?: AbortSignal;
};

export class PeerLine {
  /** By address and key, the one that was used last at the end. */
  readonly #agents = new Map<string, Agent>();
  readonly #log: Pick<Log, 'warn'>;

  constructor(log: Pick<Log, 'warn'>) {
    this.#log = log;
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  /** What is no refusal; `silence` is how long nothing may come. */
  async ask(place: RecordPlace, ask: Ask, silence: number = SILENCE_MS): Promise<IncomingMessage> {
    const answer = await this.send(place, ask, silence).catch((cause: unknown) => {
      if (ask.gone?.aborted !== true) {
        const err = cause;
        this.#log.warn({ address: place.address, err }, 'process of this sandbox is not reachable');
      }
      throw new Refusal('OVERLOADED', 'another process', undefined, { cause });
    });
    if (answer.statusCode === 200 || answer.statusCode === 202) return answer;
    throw await refusalIn(answer);
  }

  send(
    place: RecordPlace,
    { method, path, body, gone }: Ask,
    silence: number,
  ): Promise<IncomingMessage> {
    const at = readListen(place.address);
    check(at !== undefined, 'INTERNAL', 'address of a process');
    return new Promise((resolve, reject) => {
      const agent = this.#agent(place);
      const sent = request({ ...at, method, path, agent, timeout: silence }, resolve);
      sent.on('timeout', () => sent.destroy(new Error('silent')));
      sent.on('error', reject);
      const abort = (): void => {
        sent.destroy(new Error('nobody waits'));
      };
      gone?.addEventListener('abort', abort, { once: true });
      sent.on('close', () => gone?.removeEventListener('abort', abort));
      if (gone?.aborted === true) abort();
      sent.end(body);
    });
  }

  #agent({ address, key }: RecordPlace): Agent {
    const name = `${address} ${Buffer.from(key).toString('base64')}`;
    const agent = this.#agents.get(name) ?? agentFor(key);
    this.#agents.delete(name);
    this.#agents.set(name, agent);
    const [oldest] = this.#agents;
    if (oldest !== undefined && this.#agents.size > MOST_PROCESSES) {
      this.#agents.delete(oldest[0]);
      oldest[1].destroy();
    }
    return agent;
  }
}

const agentFor = (key: Uint8Array): Agent =>
  new Agent({
    ...TLS_PSK,
    keepAlive: true,
    maxSockets: MOST_CONNECTIONS,
    pskCallback: () => ({ psk: key, identity: IDENTITY }),
    // There is no certificate: who does not know the key ends the handshake.
    checkServerIdentity: () => undefined,
  });

async function refusalIn(answer: IncomingMessage): Promise<Refusal> {
  const said = await jsonOf(answer).catch(() => undefined);
  const code = (said as { code?: unknown } | undefined)?.code;
  const known = typeof code === 'string' && Object.hasOwn(STATUS, code);
  return new Refusal(known ? (code as ErrorCode) : 'INTERNAL', 'said by another process');
}
