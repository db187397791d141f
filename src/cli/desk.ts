/**
 * The desk of a holder: through its control socket while the service runs, else directly on its
 * data directory, which the lock gives to one process at a time.
 * @module
 */
import { existsSync } from 'node:fs';
import { systemRng } from '../base/rng.ts';
import { Refusal } from '../base/errors.ts';
import { systemClock } from '../engine/clock.ts';
import { dataDirectoryPaths } from '../engine/data-paths.ts';
import { serviceLog } from '../engine/service-log.ts';
import type { HolderDesk as Desk } from '../holder/desk.ts';
import { askHolder } from './control-client.ts';
import type { Io } from './io.ts';

export type Ask = (method: 'GET' | 'POST', path: string, body?: object) => Promise<object>;

type Ways = {
  readonly running: (ask: Ask) => Promise<object>;
  readonly offline: (desk: Desk, budget: Desk['budget']) => Promise<object>;
};

const NOT_RUNNING = `No holder is running on this data directory, and its config.json does not have every setting.
Start the holder, or put what it is started with into config.json.
`;

async function offline(io: Io, data: string, work: Ways['offline']): Promise<object> {
  // Loaded here: most commands need no database.
  const { openOffice } = await import('../holder/office.ts');
  const { HolderDesk } = await import('../holder/desk.ts');
  const office = await openOffice({
    data,
    environment: io.environment,
    flags: {},
    asLastStarted: true,
    clock: systemClock,
    rng: systemRng,
    log: () => serviceLog({ role: 'holder', level: 'error' }),
  });
  try {
    const desk = new HolderDesk(office.desk);
    return await work(desk, desk.budget);
  } finally {
    await office.close();
  }
}

export async function atDesk(io: Io, data: string, ways: Ways): Promise<object> {
  try {
    return await ways.running((method, path, body) => askHolder(data, method, path, body));
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'HOLDER_NOT_RUNNING') throw error;
    // Asking must not make a data directory where there was none.
    if (!existsSync(dataDirectoryPaths(data).store)) throw error;
    return await offline(io, data, ways.offline).catch((cause: unknown) => {
      // Settings that were options of the service are not there for anybody else.
      if (cause instanceof Refusal && cause.code === 'CONFIGURATION_INVALID') io.err(NOT_RUNNING);
      throw cause;
    });
  }
}
