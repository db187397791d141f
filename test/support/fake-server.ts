/** An HTTP server that answers as a test says, on a port of its own. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

export type Seen = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Uint8Array;
};

export type FakeServer = { readonly origin: string; readonly seen: readonly Seen[] };

/** `answer` is called once the request is complete. */
export async function fakeServer(
  answer: (response: ServerResponse, request: Seen) => void,
): Promise<FakeServer> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, url, headers, body: new Uint8Array(Buffer.concat(chunks)) };
      seen.push(one);
      answer(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { origin: `http://127.0.0.1:${port}`, seen };
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  const problem = status >= 400 ? 'application/problem+json' : 'application/json';
  response.writeHead(status, { 'content-type': problem }).end(JSON.stringify(body));
}
