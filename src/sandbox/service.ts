/**
 * The sandbox over its data directory, with what it needs of the world passed in: the wiring of
 * store, relay, runs and routes, and nothing else.
 * @module
 */
import { setMaxListeners } from 'node:events';
import { check } from '../base/errors.ts';
import { systemRng } from '../base/rng.ts';
import { FileBlobs } from '../engine/blobs/file-blobs.ts';
import { ImageShelf } from '../engine/images/image-shelf.ts';
import { SandboxColumnTables } from '../engine/stores/sandbox-columns.ts';
import { SandboxImageArchives } from '../engine/stores/sandbox-images.ts';
import { SandboxEpochs } from '../engine/stores/sandbox-epochs.ts';
import { SandboxErasures } from '../engine/stores/sandbox-erasures.ts';
import { SandboxFrames } from '../engine/stores/sandbox-frames.ts';
import { SandboxLog } from '../engine/stores/sandbox-log.ts';
import { SandboxJobResults } from '../engine/stores/sandbox-jobs.ts';
import { SandboxRuns } from '../engine/stores/sandbox-runs.ts';
import { SandboxSent } from '../engine/stores/sandbox-sent.ts';
import { SandboxStudies } from '../engine/stores/sandbox-studies.ts';
import { StoredBlobs } from '../engine/stores/stored-blobs.ts';
import { SandboxTokens } from '../engine/stores/sandbox-tokens.ts';
import { MAX_CIPHERTEXTS } from '../he/security.ts';
import { Access, type StudyOf } from './access.ts';
import { createApp } from './app.ts';
import { Columns } from './columns.ts';
import { SandboxImages } from './images.ts';
import { Erasures, RETENTION_DAYS } from './erasures.ts';
import { Members } from './members.ts';
import { Metrics } from './metrics.ts';
import { streamCounter, USUAL_LIMITS } from './protection.ts';
import { Queries } from './queries.ts';
import { Records } from './records.ts';
import { shareWithPeers } from './open-to-peers.ts';
import { SharedRecords } from './shared-records.ts';
import { Relay } from './relay.ts';
import { shownAccounts } from './study-budget.ts';
import { runView } from './run-view.ts';
import { RunStarts } from './run-starts.ts';
import { Runs } from './runs.ts';
import { sandboxedRuns } from './sandboxed-runs.ts';
import { Studies } from './studies.ts';
import type { Service, ServiceOptions } from './service-options.ts';
import { StudyLog } from './study-log.ts';
import { Turns } from './turns.ts';
import { writeProbe } from './write-probe.ts';
import { Wakeups } from './wakeups.ts';

/** What a request may hold up the end of the service. */
const GRACE_MS = 5000;
/** After this long a run holds up nobody else. */
const LONGEST_TURN_MS = 60_000;

export function createService(options: ServiceOptions): Service {
  const { directory, opened, holders, ops = [], auditors = [], clock, log, tls } = options;
  const { store, peers } = opened;
  // Several processes have a database between them and no disk.
  const blobs = peers.some
    ? new StoredBlobs(store)
    : new FileBlobs({ directory: directory.blobs, tmp: directory.tmp });
  const workers = options.workers(blobs, new SandboxJobResults(store));
  const ending = new AbortController();
  const closing = ending.signal;
  // Every run and every stream waits for it.
  setMaxListeners(0, closing);
  const wakeups = new Wakeups(peers);
  const frames = new SandboxFrames(store);
  const stored = new SandboxRuns(store);
  const storedStudies = new SandboxStudies(store);
  const record = new StudyLog({
    store,
    log: new SandboxLog(store, systemRng),
    frames,
    clock,
    wakeups,
    holdersOf: async (study, on) => (await studies.get(study, on)).holders.map(({ name }) => name),
  });
  const epochs = new SandboxEpochs(store, MAX_CIPHERTEXTS);
  const sent = new SandboxSent(store);
  const erasures = new SandboxErasures(store);
  const relayed = { store, frames, runs: stored, epochs, sent, erasures };
  const { limits = USUAL_LIMITS, processMetrics = false, version } = options;
  const relay = new Relay({
    ...relayed,
    clock,
    wakeups,
    record,
    inboxFrames: limits.inboxFrames,
    broken: (run, fault) => runs.broken(run, fault),
    closing,
  });
  const kept = { store, studies: storedStudies, frames };
  const key = options.operator;
  const ours = { holders, operator: key?.publicText };
  const studies: Studies = new Studies({ ...kept, ...ours, clock, wakeups, record });
  const tables = new SandboxColumnTables(store);
  const columns = new Columns({ tables, blobs, jobs: workers.jobs });
  const queries = new Queries(studies, storedStudies, clock, (study, plan) =>
    columns.checkServed(study, plan),
  );
  const here = new Records(closing);
  const records = new SharedRecords(here);
  const ports = { clock, log, blobs, jobs: workers.jobs };
  const starting = { store, runs: stored, frames, epochs, studies, queries, record, wakeups };
  const turns = new Turns({ most: limits.runsAtOnce, longestMs: LONGEST_TURN_MS });
  const runs: Runs = new Runs({
    turns,
    runs: stored,
    frames,
    epochs,
    starts: new RunStarts(starting),
    peers,
    queries,
    relay,
    record,
    records,
    wakeups,
    ports,
    holders,
    closing,
  });
  const shelf = new ImageShelf({ directory: directory.images, tmp: directory.tmp });
  const images = new SandboxImages(peers.some ? new SandboxImageArchives(store) : shelf);
  const { imageRunner } = options;
  const watching = { store, runs: stored, record, wakeups, clock, log, closing };
  const compiling = { studies, queries };
  const place = { directory, images, key, imageRunner };
  const sandboxed = sandboxedRuns({ ...watching, ...compiling, ...place });
  const { retentionDays = RETENTION_DAYS } = options;
  const from = { store, erasures, frames, results: tables, blobs };
  const erasing = new Erasures({ ...from, record, wakeups, clock, log, retentionDays, closing });
  const studyOf: StudyOf = {
    study: (id) => studies.get(id),
    query: async (id) => studies.get((await queries.get(id)).study),
    // A version of a study is the run of what is said about itself, which is seldom.
    run: async (id) => {
      const run = await stored.get(id);
      const ofStudy = run === undefined && (await storedStudies.present(id)) !== undefined;
      check(run !== undefined || ofStudy, 'NOT_FOUND', `run ${id}`);
      return studies.get(run?.study ?? id);
    },
  };
  const streams = streamCounter(limits.eventStreams);
  const metrics = new Metrics(
    {
      runs: () => runs.unfinished,
      eventStreams: () => streams.open,
      selfTest: () => options.benchmarks.selfTest.latest,
    },
    { process: processMetrics },
  );
  let draining = false;
  let closeToPeers = (): Promise<void> => Promise.resolve();
  const tokens = new SandboxTokens(store);
  const written = writeProbe(tokens, clock);
  const access = new Access({ holders, ops, auditors });
  const app = createApp({
    ...options.benchmarks,
    log,
    tls,
    tokens,
    clock,
    access,
    members: new Members(access, studies),
    studyOf,
    studies,
    columns,
    images,
    ...sandboxed,
    queries,
    runs,
    stored,
    record,
    relay,
    accounts: shownAccounts(stored, frames),
    records,
    wakeups,
    closing,
    view: runView(runs, studies, frames),
    beginClose: () => ending.abort(),
    limits,
    streams,
    metrics,
    version,
    signIn: options.signIn,
    checkReady: async () => {
      check(!draining, 'SHUTTING_DOWN', 'draining');
      await written.check();
      await workers.check();
    },
  });
  return {
    app,
    metrics,
    drain: () => {
      draining = true;
    },
    openToPeers: async (setting) => {
      if (!peers.some) return;
      const { uploadsHere, uploads } = sandboxed;
      const memory = { here, shared: records, uploadsHere, uploads };
      const sharing = { store, runs: stored, ...memory, log, rng: systemRng };
      closeToPeers = await shareWithPeers(sharing, setting);
    },
    resume: async () => {
      erasing.start();
      sandboxed.start();
      if (peers.some) await images.takeFrom(shelf, (id) => studies.get(id), log);
      await runs.resume();
    },
    close: async () => {
      ending.abort();
      const late = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
      await app.close();
      clearTimeout(late);
      await runs.close();
      await erasing.close();
      await sandboxed.close();
      await closeToPeers();
      await workers.close();
      await opened.close();
    },
  };
}
