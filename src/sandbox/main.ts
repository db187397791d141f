/**
 * The sandbox's process: data directory, configuration, worker pool, HTTP. It holds no key of a
 * study: what it relays proves itself (flows/frame.ts). Where studies have programs run here, it has the key of its operator.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Json } from '../base/canonical-json.ts';
import { check, Refusal } from '../base/errors.ts';
import { systemRng } from '../base/rng.ts';
import type { SigningKey } from '../base/sign.ts';
import { systemClock } from '../engine/clock.ts';
import type { Environment } from '../engine/configuration.ts';
import { type DataDirectory, openDataDirectory } from '../engine/data-directory.ts';
import { VECTOR_BATCHES } from '../he/collective/vector-batches.ts';
import { PiscinaJobs } from '../engine/jobs/piscina-jobs.ts';
import { loadKey } from '../engine/keys.ts';
import { serviceLog } from '../engine/service-log.ts';
import { openServiceStore } from '../engine/service-store.ts';
import { SANDBOX_MIGRATIONS, type SandboxTables } from '../engine/stores/sandbox-store.ts';
import { readSandboxConfiguration, readTls, type SandboxConfiguration } from './configuration.ts';
import { hostPort, type Listen } from './listen.ts';
import { watchCertificate } from './certificate.ts';
import { listenMetrics } from './metrics-listener.ts';
import { openSignIn } from './open-sign-in.ts';
import { publishedResults } from './benchmarks/published.ts';
import type { BenchmarkRoutesOptions } from './routes/benchmarks.ts';
import { SelfTest } from './self-test/self-test.ts';
import { createService } from './service.ts';
import type { Service, ServiceOptions } from './service-options.ts';

export type SandboxOptions = {
  /** The data directory. */
  readonly data: string;
  readonly environment: Environment;
  /** Settings given on the command line; undefined where not. */
  readonly flags: Readonly<Record<string, Json | undefined>>;
  /** Of the package. */
  readonly version: string;
};

export type RunningSandbox = {
  /** Where it listens, with the port that it got. */
  readonly url: string;
  /** Where metrics are served to this machine. */
  readonly metrics?: string;
  close(): Promise<void>;
};

/** Beside this code in dist/. */
const WORKER = new URL('sandbox-worker.js', import.meta.url);

export async function startSandbox({
  data,
  environment,
  flags,
  version,
}: SandboxOptions): Promise<RunningSandbox> {
  const directory = openDataDirectory(data);
  try {
    const configuration = readSandboxConfiguration(directory.config, environment, flags);
    return await serve(directory, configuration, version);
  } catch (error) {
    directory.close();
    throw error;
  }
}

async function serve(
  directory: DataDirectory,
  configuration: SandboxConfiguration,
  version: string,
): Promise<RunningSandbox> {
  const { listen, holders, ops, auditors, threads, logLevel } = configuration;
  const tls = readTls(configuration);
  const log = serviceLog({ role: 'sandbox', level: logLevel });
  const signIn = await openSignIn(configuration, systemClock, systemRng);
  const operator = await operatorKey(directory);
  const opened = await openServiceStore<SandboxTables>({
    database: configuration.database,
    file: directory.store,
    schema: 'kakehashi_sandbox',
    migrations: SANDBOX_MIGRATIONS,
    log,
    alone: false,
  });
  const service = createService({
    directory,
    opened,
    signIn,
    operator,
    holders: new Map(Object.entries(holders)),
    ops,
    auditors,
    limits: configuration,
    retentionDays: configuration.retentionDays,
    version,
    processMetrics: true,
    tls,
    benchmarks: benchmarks(),
    clock: systemClock,
    log,
    workers: (blobs, results) => pool(threads, blobs, results),
  });
  await service.openToPeers(configuration.peers).catch(async (error: unknown) => {
    await service.close();
    throw error;
  });
  try {
    await service.app.listen(listen);
  } catch (cause) {
    await service.close();
    const errors = [{ pointer: '/listen', code: 'ADDRESS_NOT_AVAILABLE' }];
    throw new Refusal('CONFIGURATION_INVALID', 'listen', { errors }, { cause });
  }
  await service.resume();
  const watch = watchCertificate(service.app.server, () => readTls(configuration), log);
  const address = service.app.server.address();
  const port = typeof address === 'object' ? (address?.port ?? listen.port) : listen.port;
  const url = urlOf(listen, port, tls !== undefined);
  const scraped = await scrape(service, configuration.metrics);
  log.info({ url, holders: Object.keys(holders) }, 'sandbox started');
  return {
    url,
    ...(scraped === undefined ? {} : { metrics: scraped.url }),
    close: async () => {
      service.drain();
      await sleep(configuration.drainSeconds * 1000);
      watch.stop();
      await scraped?.close();
      await service.close();
      log.info({}, 'sandbox stopped');
      directory.close();
    },
  };
}

async function scrape(service: Service, listen: Listen | undefined) {
  if (listen === undefined) return undefined;
  const listener = await listenMetrics(service.metrics, listen).catch(async (error: unknown) => {
    await service.close();
    throw error;
  });
  return { ...listener, url: `${urlOf(listen, listener.port, false)}/metrics` };
}

/** Where a study has programs run here, it names this key. */
async function operatorKey({ keys }: DataDirectory): Promise<SigningKey | undefined> {
  const file = path.join(keys, 'operator.pem');
  return existsSync(file) ? loadKey(file) : undefined;
}

/** The results of this package and the page's files, as they were when the process started. */
function benchmarks(): BenchmarkRoutesOptions {
  const beside = (name: string): URL => new URL(name, import.meta.url);
  // Where the sources run unbuilt, the page is its tables.
  const built = (name: string): string =>
    existsSync(beside(name)) ? readFileSync(beside(name), 'utf8') : '';
  const published = publishedResults(fileURLToPath(beside('../bench/results')));
  return {
    published,
    assets: {
      script: built('benchmarks-page.js'),
      style: built('benchmarks-style.css'),
    },
    selfTest: new SelfTest(beside('self-test-worker.js'), published.at(-1), systemClock),
  };
}

function pool(threads: number, ...[blobs, results]: Parameters<ServiceOptions['workers']>) {
  const jobs = new PiscinaJobs({
    blobs,
    results,
    workerUrl: WORKER,
    threads,
    batches: VECTOR_BATCHES,
  });
  return {
    jobs,
    check: async () => check(existsSync(fileURLToPath(WORKER)), 'INTERNAL', 'no worker entry'),
    close: () => jobs.close(),
  };
}

const urlOf = ({ host }: Listen, port: number, secure: boolean): string =>
  `${secure ? 'https' : 'http'}://${hostPort({ host, port })}`;
