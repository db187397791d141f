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
import type { Batches, ThreadedBatches } from '../base/batches.ts';
import { asRefusal, check, type InputError } from '../base/errors.ts';
import { systemRng } from '../base/rng.ts';
import { batchSize } from '../engine/jobs/batch-size.ts';
import { HolderBatches } from '../engine/jobs/holder-batches.ts';
import { checkEntry, WorkerPool } from '../engine/jobs/worker-pool.ts';
import { SocketChannel } from '../engine/transport/socket-channel.ts';
import { PAILLIER_BATCHES } from '../he/paillier/many.ts';
import { inOneThread, VOLE_BATCHES } from '../psi/vole/vole-batches.ts';
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

const workerUrl = new URL('psi-worker.js', import.meta.url);

/** Of rows to encrypt, which one of the parties has. Threads start with the first long batch and end with the process. */
function rowBatches(threads = availableParallelism()): Batches {
  let batches: HolderBatches | undefined;
  return {
    run: (batch) => {
      batches ??= new HolderBatches(PAILLIER_BATCHES, { workerUrl, threads });
      return batches.run(batch);
    },
  };
}

/** Of VOLE-PSI, where both parties are at work all the time: without a wish each has half of the cores. */
function voleBatches(threads = Math.floor(availableParallelism() / 2)): ThreadedBatches {
  if (threads <= 1) return inOneThread;
  let pool: WorkerPool | undefined;
  return {
    threads,
    run: async (batch) => {
      if (pool === undefined) checkEntry({ workerUrl });
      pool ??= new WorkerPool({ workerUrl, threads }, batchSize(VOLE_BATCHES));
      return pool.run(batch);
    },
  };
}

async function run(
  channel: SocketChannel,
  table: PsiTable,
  request: PartyRequest,
): Promise<PartyDone> {
  const { threads } = request;
  const scheme = paillierScheme(rowBatches(threads));
  const batches = voleBatches(threads);
  const start = performance.now();
  const answer = await runSession(channel, table, request, scheme, systemRng, batches);
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
