/**
 * The same totals for a scraper of this machine, which cannot sign requests: one address, loopback
 * only, that answers GET /metrics and nothing else.
 * @module
 */
import { createServer, type Server } from 'node:http';
import { Refusal } from '../base/errors.ts';
import type { Listen } from './listen.ts';
import type { Metrics } from './metrics.ts';

export type MetricsListener = { readonly port: number; close(): Promise<void> };

const ready = (server: Server, { host, port }: Listen): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' ? (address?.port ?? port) : port);
    });
  });

export async function listenMetrics(metrics: Metrics, listen: Listen): Promise<MetricsListener> {
  const server = createServer((request, response) => {
    const served = request.method === 'GET' && request.url === '/metrics';
    if (!served) {
      response.writeHead(404).end();
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  const port = await ready(server, listen).catch((cause: unknown) => {
    const errors = [{ pointer: '/metrics', code: 'ADDRESS_NOT_AVAILABLE' }];
    throw new Refusal('CONFIGURATION_INVALID', 'metrics', { errors }, { cause });
  });
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
