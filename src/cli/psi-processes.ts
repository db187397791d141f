/**
 * Starts the two parties of `kakehashi psi` as processes, connects them over the loopback, and waits.
 * This process sees no row of either table before a party tells its result.
 *
 * The connection is made here and its ends are handed over, so that no other process of the machine
 * can take part: nothing listens once it stands. When one party refuses, ends or stalls, both are
 * ended, and of their refusals the one that says most is thrown.
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { check, Refusal } from '../base/errors.ts';
import type {
  FromParty,
  PartyDone,
  PartyRefused,
  PartyRequest,
  PsiSide,
  ToParty,
} from './psi-request.ts';

/** How long a party may take to say why it stops after the other has. */
const GRACE_MS = 1000;

export type Parties = {
  readonly pids: Readonly<Record<PsiSide, number>>;
  /** Both have read their tables and begin. Rejects as `done` does. */
  readonly running: Promise<void>;
  readonly done: Promise<Readonly<Record<PsiSide, PartyDone>>>;
};

/** Two ends of one connection over the loopback. */
async function socketPair(): Promise<readonly [Socket, Socket]> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const left = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  const accepted = new Promise<Socket>((resolve) => {
    server.on('connection', (socket) => {
      // Somebody else of this machine may have tried.
      if (socket.remotePort === left.localPort) resolve(socket);
      else socket.destroy();
    });
  });
  await once(left, 'connect');
  const right = await accepted;
  server.close();
  return [left, right];
}

/** The process was killed, or failed before it could speak. */
class SilentEnd extends Refusal<'PROCESS_FAILED'> {}

/** The process was ended from here. */
class EndedHere extends Refusal<'PROCESS_FAILED'> {}

function refusalOf(side: PsiSide, { code, detail, errors, trace }: PartyRefused): Refusal {
  const told = detail === '' ? side : `${side} party: ${detail}`;
  const cause = trace === undefined ? undefined : { cause: new Error(trace) };
  return new Refusal(code, told, errors === undefined ? undefined : { errors }, cause);
}

class Party {
  readonly side: PsiSide;
  readonly #child: ChildProcess;
  #killed = false;
  readonly ready: Promise<void>;
  readonly done: Promise<PartyDone>;
  readonly ended: Promise<void>;

  constructor(side: PsiSide, script: string) {
    this.side = side;
    // 'advanced' carries typed arrays and bigints as they are.
    this.#child = fork(script, [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const child = this.#child;
    this.ended = new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    const said = (kind: FromParty['kind']): Promise<FromParty> =>
      new Promise((resolve, reject) => {
        child.on('message', (message) => {
          const from = message as FromParty;
          if (from.kind === kind) resolve(from);
          else if (from.kind === 'refused') reject(refusalOf(side, from.refused));
        });
        child.once('error', (cause) =>
          reject(new SilentEnd('PROCESS_FAILED', `${side} party`, undefined, { cause })),
        );
        // Messages may still be in the pipe when the exit is seen; they are read until it closes.
        child.once('close', (code, signal) => {
          const ended = `${side} party ended: ${signal ?? `exit code ${String(code)}`}`;
          // What was ended from here is the reason for nothing.
          if (this.#killed) reject(new EndedHere('PROCESS_FAILED', ended));
          else reject(new SilentEnd('PROCESS_FAILED', ended));
        });
      });
    this.ready = said('ready').then(() => {});
    this.done = said('done').then((message) => (message as { done: PartyDone }).done);
    for (const promise of [this.ready, this.done]) promise.catch(() => {});
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  tell(message: ToParty, socket?: Socket): void {
    // A child that is gone is told by its end.
    this.#child.send(message, socket, {}, () => {});
  }

  kill(): void {
    this.#killed = true;
    this.#child.kill('SIGKILL');
  }
}

/** How little a party's end says of why the session ended. */
function vagueness(reason: unknown): number {
  if (!(reason instanceof Refusal) || reason.code !== 'PROCESS_FAILED') return 0;
  if (reason instanceof EndedHere) return 3;
  return reason instanceof SilentEnd ? 1 : 2;
}

/** Why the session ended, after both parties have. */
async function failure(parties: readonly Party[], first: unknown): Promise<unknown> {
  // "My peer is gone" only: why, the other may be about to say.
  const grace = vagueness(first) === 2 ? GRACE_MS : 0;
  const killer = setTimeout(() => {
    for (const party of parties) party.kill();
  }, grace);
  const settled = await Promise.allSettled(parties.map((party) => party.done));
  clearTimeout(killer);
  return settled
    .flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    .sort((a, b) => vagueness(a) - vagueness(b))[0];
}

async function outcome(parties: readonly Party[]): Promise<readonly PartyDone[]> {
  try {
    return await Promise.all(parties.map((party) => party.done));
  } catch (first) {
    throw await failure(parties, first);
  } finally {
    for (const party of parties) party.kill();
    await Promise.all(parties.map((party) => party.ended));
  }
}

/** `script` is the built psi-party.ts. */
export async function startParties(
  script: string,
  requests: Readonly<Record<PsiSide, PartyRequest>>,
): Promise<Parties> {
  const sockets = await socketPair();
  const left = new Party('left', script);
  const right = new Party('right', script);
  const both = [left, right] as const;
  both.forEach((party, i) => {
    party.tell({ kind: 'start', request: requests[party.side] }, sockets[i]);
  });
  const running = Promise.all(both.map((party) => party.ready)).then(() => {
    for (const party of both) party.tell({ kind: 'go' });
  });
  const done = outcome(both).then(([a, b]) => {
    check(a !== undefined && b !== undefined, 'INTERNAL', 'two parties');
    return { left: a, right: b };
  });
  for (const promise of [running, done]) promise.catch(() => {});
  return { pids: { left: left.pid, right: right.pid }, running, done };
}
