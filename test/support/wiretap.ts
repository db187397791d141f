/**
 * Stands between the holders and the sandbox on loopback, passes everything on and keeps the frames
 * that holders sent: what left a holder, whatever either side remembers of it. Loses connections
 * where the sandbox is away, as a line does.
 */
import { createHash } from 'node:crypto';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeFrame } from '../../src/flows/frame.ts';

/** A frame on the wire, by what names it and by its bytes. */
export type Tapped = { readonly name: string; readonly kind: string; readonly digest: string };

export class Wiretap {
  readonly #server: Server;
  readonly #origin: () => string;
  readonly tapped: Tapped[] = [];

  constructor(origin: () => string) {
    this.#origin = origin;
    this.#server = createServer((incoming, answer) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', () => answer.destroy());
      incoming.on('end', () => {
        const body = Buffer.concat(chunks);
        if (incoming.url?.endsWith('/frames') === true) this.#keep(body);
        const { method, url, headers } = incoming;
        const onward = request(new URL(url ?? '/', this.#origin()), { method, headers });
        onward.on('response', (response) => {
          answer.writeHead(response.statusCode ?? 502, response.headers);
          response.pipe(answer);
          response.on('error', () => answer.destroy());
        });
        onward.on('error', () => answer.destroy());
        answer.on('close', () => onward.destroy());
        onward.end(body);
      });
    });
  }

  /** Where it listens. */
  url = '';

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this.url;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #keep(bytes: Uint8Array): void {
    const { run, from, to, sequence, kind } = decodeFrame(bytes);
    const digest = createHash('sha256').update(bytes).digest('hex');
    this.tapped.push({ name: `${run} ${from} ${to} ${sequence}`, kind, digest });
    // One of a kind for each run, sender and receiver, whatever its number.
    this.tapped.push({ name: `${run} ${from} ${to} ${kind}`, kind, digest });
  }
}

/** Names under which different bytes were sent. */
export function sentTwice(tapped: readonly Tapped[]): string[] {
  const first = new Map<string, string>();
  const twice = tapped.filter(({ name, digest }) => {
    const before = first.get(name) ?? digest;
    first.set(name, before);
    return before !== digest;
  });
  return twice.map(({ name }) => name);
}
