/** What the sandbox's service is given of the world, and what it gives (service.ts). @module */
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { PublicKeyText, SigningKey } from '../base/sign.ts';
import type { DataDirectory } from '../engine/data-directory.ts';
import type { JobResults } from '../engine/jobs/stored-jobs.ts';
import type { ServiceStore } from '../engine/service-store.ts';
import type { SandboxTables } from '../engine/stores/sandbox-store.ts';
import type { Blobs, Clock, Jobs } from '../flows/ports.ts';
import type { Tls } from './app.ts';
import type { PeersSetting } from './configuration.ts';
import type { Metrics } from './metrics.ts';
import type { Limits } from './protection.ts';
import type { BenchmarkRoutesOptions } from './routes/benchmarks.ts';
import type { SignIn } from './sign-in.ts';

/** Where jobs are computed. */
export type Workers = {
  readonly jobs: Jobs;
  /** Throws when jobs cannot be computed. */
  check(): Promise<void>;
  close(): Promise<void>;
};

export type ServiceOptions = {
  readonly directory: DataDirectory;
  /** The service closes it. */
  readonly opened: ServiceStore<SandboxTables>;
  /** Identity keys by holder. */
  readonly holders: ReadonlyMap<string, PublicKeyText>;
  readonly ops?: readonly PublicKeyText[];
  readonly auditors?: readonly PublicKeyText[];
  readonly tls?: Tls | undefined;
  /** What is published with this version, and how it times itself. */
  readonly benchmarks: BenchmarkRoutesOptions;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of the package. */
  readonly version: string;
  readonly limits?: Limits;
  /** How long ciphertexts of an ended run are kept. */
  readonly retentionDays?: number;
  /** Of the operator, where studies may have programs run here. */
  readonly operator?: SigningKey | undefined;
  /** See sandboxed-runs.ts. */
  readonly imageRunner?: string;
  /** Where nobody can sign in: undefined. */
  readonly signIn?: SignIn | undefined;
  /** Also of the process itself: memory, event loop. */
  readonly processMetrics?: boolean;
  readonly workers: (blobs: Blobs, results: JobResults) => Workers;
};

export type Service = {
  /** Not listening yet. */
  readonly app: FastifyInstance;
  readonly metrics: Metrics;
  /** From now on `ready` is refused, so that a balancer sends nobody here; the rest goes on. */
  drain(): void;
  /** Where there are other processes on the store: lets them reach this one. Before it listens. */
  openToPeers(setting: PeersSetting): Promise<void>;
  /** Takes up the runs that had not ended. */
  resume(): Promise<void>;
  /** Answers who waits, lets runs come to rest, closes the store. The directory stays open. */
  close(): Promise<void>;
};
