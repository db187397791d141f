/** A holder's totals, on its socket alone. */
import { match, strictEqual } from 'node:assert/strict';
import { request } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished, test } from 'vitest';
import { listenControl } from '../../src/holder/control.ts';
import type { HolderDesk } from '../../src/holder/desk.ts';
import { holderMetrics } from '../../src/holder/metrics.ts';
import { scratch } from '../support/scratch.ts';

test('connected or not, runs that are open, and the process', async () => {
  const socketPath = path.join(scratch(), 'control.sock');
  let connected = false;
  const metrics = holderMetrics({ connected: () => connected, runs: () => 3 });
  const app = await listenControl(socketPath, {} as unknown as HolderDesk, undefined, metrics);
  onTestFinished(() => app.close());
  const read = () =>
    new Promise<string>((resolve, reject) => {
      request({ socketPath, path: '/metrics' }, (reply) => {
        strictEqual(reply.headers['content-type'], metrics.contentType);
        text(reply).then(resolve, reject);
      })
        .on('error', reject)
        .end();
    });
  match(await read(), /^kakehashi_sandbox_connected 0$/m);
  connected = true;
  const now = await read();
  match(now, /^kakehashi_sandbox_connected 1$/m);
  match(now, /^kakehashi_runs_open 3$/m);
  match(now, /^process_resident_memory_bytes \d+$/m);
});
