/**
 * A line of TCP that fails once, in the middle of a long message, whatever is in it: cut, or silent while both
 * ends stay connected.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Fault = 'cut' | 'stall';

export class FaultyLine {
  readonly #target: () => number;
  readonly #open = new Set<Socket>();
  #next: Fault | undefined;
  /** Those that happened. */
  readonly faults: Fault[] = [];
  port = 0;

  /** `target` is a port of this machine. */
  constructor(target: () => number) {
    this.#target = target;
  }

  async listen(): Promise<void> {
    const server = createServer((client) => this.#join(client));
    server.listen(0, 'localhost');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
    onTestFinished(() => {
      server.close();
      for (const socket of this.#open) socket.destroy();
    });
  }

  /** The next long message fails: more than a client sends of anything else before it is answered. */
  arm(fault: Fault): void {
    this.#next = fault;
  }

  #join(client: Socket): void {
    const server = connect(this.#target(), 'localhost');
    for (const socket of [client, server]) {
      this.#open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        client.destroy();
        server.destroy();
        this.#open.delete(socket);
      });
    }
    let burst = 0;
    let silent = false;
    server.on('data', (bytes: Buffer) => {
      burst = 0;
      client.write(bytes);
    });
    client.on('data', (bytes: Buffer) => {
      if (silent) return;
      burst += bytes.length;
      if (this.#next === undefined || burst < LONG_BYTES) {
        server.write(bytes);
        return;
      }
      const fault = this.#next;
      this.#next = undefined;
      this.faults.push(fault);
      // Half of what came: in the middle of a TLS record.
      server.write(bytes.subarray(0, bytes.length >> 1));
      if (fault === 'stall') silent = true;
      else setTimeout(() => client.destroy(), 50);
    });
  }
}

/** A request of polls and small frames is shorter, a contribution or a share is longer. */
const LONG_BYTES = 6000;
