/** One address before several servers: each new connection goes to the next that takes it. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export type Balancer = {
  readonly url: string;
  /** From here on this target is at another address. */
  readonly move: (index: number, target: string) => void;
  /** Connections given to each target so far. */
  readonly given: ReadonlyMap<string, number>;
};

export async function balance(first: readonly string[]): Promise<Balancer> {
  const targets = [...first];
  const given = new Map<string, number>();
  let next = 0;
  const open = (client: Socket, tries: number): void => {
    const target = targets[next % targets.length] ?? '';
    next += 1;
    const { hostname, port } = new URL(target);
    const server = connect(Number(port), hostname);
    server.once('connect', () => {
      given.set(target, (given.get(target) ?? 0) + 1);
      client.pipe(server).pipe(client);
    });
    server.once('error', () => {
      if (server.bytesRead === 0 && tries > 1) open(client, tries - 1);
      else client.destroy();
    });
    server.once('close', () => {
      if (server.bytesRead > 0) client.destroy();
    });
    client.once('close', () => server.destroy());
  };
  const listener = createServer({ pauseOnConnect: false }, (client) => {
    client.on('error', () => client.destroy());
    open(client, targets.length);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => {
    listener.close();
  });
  const address = listener.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const move = (index: number, target: string): void => {
    targets[index] = target;
  };
  return { url: `http://127.0.0.1:${port}`, given, move };
}
