/**
 * A protocol between two processes of this machine, over the loopback: the module of a case starts
 * itself again as the peer, which serves a session for each connection.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { SocketChannel } from '../src/engine/transport/socket-channel.ts';

export type Peer = { readonly process: ChildProcess; readonly port: number };

/** In the peer's process: tells its parent the port and serves until the parent goes. */
export async function servePeer(run: (channel: SocketChannel) => Promise<void>): Promise<void> {
  const session = async (socket: Socket): Promise<void> => {
    await run(new SocketChannel(socket));
    socket.end();
  };
  const server = createServer((socket) => {
    session(socket).catch((error: unknown) => {
      socket.destroy(error instanceof Error ? error : new Error('session failed'));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send?.((server.address() as AddressInfo).port);
  process.once('disconnect', () => process.exit());
}

/** Starts `file` with these arguments as the peer. */
export async function startPeer(file: string, argv: readonly string[]): Promise<Peer> {
  const started = fork(file, [...argv]);
  const [port] = (await once(started, 'message')) as [number];
  return { process: started, port };
}

/** One session with the peer, and the bytes of both directions. */
export async function withPeer<T>(
  { port }: Peer,
  run: (channel: SocketChannel) => Promise<T>,
): Promise<{ readonly result: T; readonly bytes: number }> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const channel = new SocketChannel(socket);
  const result = await run(channel);
  const bytes = channel.bytes.sent + channel.bytes.received;
  socket.destroy();
  return { result, bytes };
}
