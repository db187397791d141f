/** One party as a process: `party.mjs sender|receiver SIZE THREADS [PORT]`. Says what it found and how much memory it took. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { batchSize } from '../../../src/engine/jobs/batch-size.ts';
import { WorkerPool } from '../../../src/engine/jobs/worker-pool.ts';
import { SocketChannel } from '../../../src/engine/transport/socket-channel.ts';
import { voleReceive } from '../../../src/psi/vole/receiver.ts';
import { voleSend } from '../../../src/psi/vole/sender.ts';
import { inOneThread, VOLE_BATCHES } from '../../../src/psi/vole/vole-batches.ts';

/** Names as they come from a file: flat strings, not the ropes that a template makes. */
const names = (count: number, offset = 0): string[] =>
  Array.from({ length: count }, (_, i) => Buffer.from(`person-${offset + i}`).toString('latin1'));

const [role, size = 0, threads = 1, port = 0] = process.argv
  .slice(2)
  .map((word, i) => (i === 0 ? word : Number(word)));
const count = Number(size);
const workerUrl = new URL('../../../dist/psi-worker.js', import.meta.url);
const batches =
  threads === 1
    ? inOneThread
    : new WorkerPool({ workerUrl, threads: Number(threads) }, batchSize(VOLE_BATCHES));
const residentMb = (): number => process.resourceUsage().maxRSS / 1024;

if (role === 'sender') {
  const ids = names(count, Math.floor(count / 2));
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send?.({ port: (server.address() as AddressInfo).port });
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  await voleSend(ids, new SocketChannel(socket), { batches });
  socket.end();
  process.send?.({ residentMb: residentMb() });
} else {
  const ids = names(count);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  const { matches } = await voleReceive(ids, new SocketChannel(socket), { batches });
  socket.destroy();
  process.send?.({ residentMb: residentMb(), matches: matches.length });
}
process.disconnect();
