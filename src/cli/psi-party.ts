/**
 * The process of one party of `kakehashi psi`. It reads its own table, gets one end of a connection to
 * the other party from the process that started it, and says what it found. Builds to
 * dist/psi-party.js.
 *
 *     parent                       party
 *     start (socket) ──────▶       reads the table
 *                    ◀──────       ready
 *     go             ──────▶       the session, timed
 *                    ◀──────       done, or refused at any time
 *
 * It ends when the parent's end of the pipe closes, however that one ended.
 * @module
 */
import type { Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { asRefusal, check, type InputError } from '../base/errors.ts';
import { systemRng } from '../base/rng.ts';
import { HolderBatches } from '../engine/jobs/holder-batches.ts';
import { SocketChannel } from '../engine/transport/socket-channel.ts';
import { PAILLIER_BATCHES } from '../he/paillier/many.ts';
import { paillierScheme } from './psi-paillier.ts';
import type { FromParty, PartyDone, PartyRefused, PartyRequest, ToParty } from './psi-request.ts';
import { runSession } from './psi-session.ts';
import { type PsiTable, readPsiTable } from './psi-table.ts';

const tell = (message: FromParty): Promise<void> =>
  new Promise((resolve) => {
    // Where the parent is gone there is nobody to tell.
    if (process.send === undefined) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });

/** Messages of the parent, as they come: `start` brings the socket. */
const nextMessage = (): Promise<{ message: ToParty; socket: Socket | undefined }> =>
  new Promise((resolve) => {
    process.once('message', (message, socket) => {
      resolve({ message: message as ToParty, socket: socket as Socket | undefined });
    });
  });

function refusedOf(error: unknown): PartyRefused {
  const { code, detail, fields, cause } = asRefusal(error);
  const { errors } = (fields ?? {}) as { readonly errors?: readonly InputError[] };
  return {
    code,
    detail,
    ...(errors === undefined ? {} : { errors }),
    ...(code === 'INTERNAL' && cause instanceof Error ? { trace: cause.stack ?? '' } : {}),
  };
}

/** Threads start with the first batch and end with the process. */
const batches = new HolderBatches(PAILLIER_BATCHES, {
  workerUrl: new URL('psi-worker.js', import.meta.url),
  threads: availableParallelism(),
});

async function run(
  channel: SocketChannel,
  table: PsiTable,
  request: PartyRequest,
): Promise<PartyDone> {
  const start = performance.now();
  const answer = await runSession(channel, table, request, paillierScheme(batches), systemRng);
  const { rows, empty, duplicates, decimals, blanks } = table;
  return {
    answer,
    counts: { rows, empty, duplicates },
    decimals,
    blanks,
    seconds: (performance.now() - start) / 1000,
    bytes: channel.bytes.sent + channel.bytes.received,
  };
}

async function serve(): Promise<void> {
  const { message, socket } = await nextMessage();
  check(message.kind === 'start' && socket !== undefined, 'PROTOCOL_STATE', 'no start');
  const { request } = message;
  // Before anything else, so that what comes on the socket is counted and bounded.
  const channel = new SocketChannel(socket, request.stallMs);
  try {
    const table = await readPsiTable(request.table);
    const go = nextMessage();
    await tell({ kind: 'ready' });
    await go;
    const done = await run(channel, table, request);
    await tell({ kind: 'done', done });
    await channel.close();
  } catch (error) {
    await tell({ kind: 'refused', refused: refusedOf(error) });
    process.exitCode = 1;
  }
  socket.destroy();
}

process.once('disconnect', () => process.exit(1));
// What a terminal sends to the group is the parent's to handle: its end is this one's.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
await serve();
process.removeAllListeners('disconnect');
process.disconnect();
