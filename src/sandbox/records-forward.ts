/**
 * Passes requests about records on to the process that has them (shared-records.ts): its refusals are given as they are,
 * and one that cannot be reached, or breaks off, is OVERLOADED, which a holder asks again.
 * @module
 */
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { json as jsonOf } from 'node:stream/consumers';
import { check, type ErrorCode, Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { RecordPlace } from '../engine/stores/sandbox-record-places.ts';
import { EPOCH_HEADER } from '../engine/transport/run-records.ts';
import { SANDBOX } from '../flows/frame.ts';
import type { Log } from '../flows/ports.ts';
import { readListen } from './listen.ts';
import { STATUS } from './problem.ts';
import { IDENTITY, LONGEST_WAIT_MS, pathOf, TLS_PSK } from './records-door.ts';
import type { Parties, Taken } from './records.ts';

/** How long a process may be silent: it may let a sender wait for room, or a receiver for a record. */
const SILENCE_MS = LONGEST_WAIT_MS + 10_000;
/** How long one may take to say that it lives. */
const ALIVE_MS = 5000;
/** Connections to one process; requests beyond wait for one. */
const MOST_CONNECTIONS = 64;
/** Processes that were spoken to and not forgotten; those that died are among them for a while. */
const MOST_PROCESSES = 16;

type Ask = {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly path: string;
  readonly body?: Uint8Array;
  readonly gone?: AbortSignal;
};

export class RecordsForward {
  /** By address and key, the one that was used last at the end. */
  readonly #agents = new Map<string, Agent>();
  readonly #log: Pick<Log, 'warn'>;

  constructor(log: Pick<Log, 'warn'>) {
    this.#log = log;
  }

  /** Whether that process lives, and still has what it opened there. */
  async has(place: RecordPlace, run: Digest): Promise<boolean> {
    const path = pathOf(run, { from: SANDBOX, to: SANDBOX });
    const answer = await this.#send(place, { method: 'HEAD', path }, ALIVE_MS).catch(
      () => undefined,
    );
    answer?.resume();
    return answer?.statusCode === 200 && answer.headers[EPOCH_HEADER] === place.epoch;
  }

  async put(
    place: RecordPlace,
    run: Digest,
    parties: Parties,
    number: number,
    record: Uint8Array,
  ): Promise<string> {
    const path = `${pathOf(run, parties)}?number=${number}`;
    const answer = await this.#ask(place, { method: 'POST', path, body: record });
    answer.resume();
    return epochOf(answer);
  }

  async take(
    place: RecordPlace,
    run: Digest,
    parties: Parties,
    after: number,
    milliseconds: number,
    gone: AbortSignal,
  ): Promise<Taken> {
    const path = `${pathOf(run, parties)}?after=${after}&wait=${Math.round(milliseconds)}`;
    const stream = await this.#ask(place, { method: 'GET', path, gone });
    return { epoch: epochOf(stream), stream };
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  async #ask(place: RecordPlace, ask: Ask): Promise<IncomingMessage> {
    const answer = await this.#send(place, ask).catch((cause: unknown) => {
      if (ask.gone?.aborted !== true) {
        const err = cause;
        this.#log.warn(
          { address: place.address, err },
          'process with the records is not reachable',
        );
      }
      throw new Refusal('OVERLOADED', 'records of another process', undefined, { cause });
    });
    if (answer.statusCode === 200 || answer.statusCode === 202) return answer;
    throw await refusalIn(answer);
  }

  #send(
    place: RecordPlace,
    { method, path, body, gone }: Ask,
    timeout = SILENCE_MS,
  ): Promise<IncomingMessage> {
    const at = readListen(place.address);
    check(at !== undefined, 'INTERNAL', 'address of a process');
    return new Promise((resolve, reject) => {
      const agent = this.#agent(place);
      const sent = request({ ...at, method, path, agent, timeout }, resolve);
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

function epochOf({ headers }: IncomingMessage): string {
  const epoch = headers[EPOCH_HEADER];
  check(typeof epoch === 'string', 'INTERNAL', 'records without an epoch');
  return epoch;
}

async function refusalIn(answer: IncomingMessage): Promise<Refusal> {
  const said = await jsonOf(answer).catch(() => undefined);
  const code = (said as { code?: unknown } | undefined)?.code;
  const known = typeof code === 'string' && Object.hasOwn(STATUS, code);
  return new Refusal(known ? (code as ErrorCode) : 'INTERNAL', 'said by another process');
}
