/**
 * The holder's process: its office, the link to the sandbox, the flows, and the control socket
 * of its staff. It listens on nothing but that socket.
 *
 * The only constructor of `systemNoise` (rulings 20): whoever reads this file knows where the
 * noise of a service comes from. No variable, flag or file can replace it.
 * @module
 */
import type { Json } from '../base/canonical-json.ts';
import { systemRng } from '../base/rng.ts';
import type { PublicKeyText } from '../base/sign.ts';
import { systemClock } from '../engine/clock.ts';
import type { Environment } from '../engine/configuration.ts';
import { systemNoise } from '../engine/noise/system-noise.ts';
import { serviceLog } from '../engine/service-log.ts';
import { ColumnsWire } from '../engine/transport/columns-wire.ts';
import { createDispatcher } from '../engine/transport/dispatcher.ts';
import { ImagesWire } from '../engine/transport/images-wire.ts';
import { RunRecords } from '../engine/transport/run-records.ts';
import { SandboxWire } from '../engine/transport/sandbox-wire.ts';
import { signedRequest } from '../engine/transport/signed-request.ts';
import { UploadsWire } from '../engine/transport/uploads-wire.ts';
import { ColumnsDesk } from './columns-desk.ts';
import { listenControl } from './control.ts';
import { HolderDesk } from './desk.ts';
import { HolderLink } from './link.ts';
import { holderMetrics } from './metrics.ts';
import { answerRecovery } from './mirror.ts';
import { type Office, openOffice } from './office.ts';
import { recover } from './recovery.ts';
import { endRejected } from './rejected-frame.ts';
import { watchRetention } from './retention-watch.ts';
import { StudyCohort } from './study-cohort.ts';
import { Supervisor } from './supervisor.ts';
import { UploadsDesk } from './uploads-desk.ts';

/** How long the other party of a linked run may say nothing: far above any deadline and any step. */
const STALL_MS = 15 * 60_000;

export type HolderOptions = {
  /** The data directory. */
  readonly data: string;
  readonly environment: Environment;
  /** Settings given on the command line; undefined where not. */
  readonly flags: Readonly<Record<string, Json | undefined>>;
};

export type RunningHolder = {
  readonly name: string;
  readonly identity: string;
  readonly sandbox: string;
  readonly controlSocket: string;
  close(): Promise<void>;
};

export async function startHolder({
  data,
  environment,
  flags,
}: HolderOptions): Promise<RunningHolder> {
  const office = await openOffice({
    data,
    environment,
    flags,
    clock: systemClock,
    rng: systemRng,
    log: ({ logLevel }) => serviceLog({ role: 'holder', level: logLevel }),
  });
  try {
    return await serve(office);
  } catch (error) {
    await office.close();
    throw error;
  }
}

async function serve(office: Office): Promise<RunningHolder> {
  const { configuration, directory, key, vault, frames, runs, studies, ports } = office;
  const { name, sandbox, caFile, proxy, proxyCredentialsFile, holders } = configuration;
  const dispatcher = await createDispatcher({
    origin: sandbox,
    caFile,
    proxy,
    proxyCredentialsFile,
  });
  const request = signedRequest({
    origin: sandbox,
    key,
    clock: systemClock,
    rng: systemRng,
    dispatcher,
  });
  const uploadsWire = new UploadsWire(request);
  office.images.connect(new ImagesWire(request), uploadsWire);
  const columnsWire = new ColumnsWire(request, systemClock);
  const cohort = new StudyCohort({
    rows: office.rows,
    holder: name,
    hasRows: (study) => office.shelf.has(study),
    loadedUnder: (study) => office.shelf.loadedUnder(study),
    office: office.columns,
    studies,
    sandbox: columnsWire,
    clock: systemClock,
    log: ports.log,
  });
  const noise = systemNoise(vault, systemRng);
  const supervisor = new Supervisor({
    ports: { ...ports, cohort, noise },
    access: {
      chooser: office.chooser,
      coins: noise,
      people: office.people,
      batches: office.batches,
      records: (run, party, signal) =>
        new RunRecords({ request, run, party, signal, stallMs: STALL_MS }),
    },
    prepare: async (plan, run) => {
      await office.images.prepare(plan, run);
      await cohort.prepare(plan);
    },
    approved: async (run, ended) => {
      await office.approvals.wait(run, ended);
      // A run that touched data goes on: it is charged, and what it gives was decided then.
      if (!(await ports.ledger.touched(run.run)))
        await studies.checkAnalyst(run.study, run.analyst);
    },
    reserved: async (run) => {
      const status = (await office.ledger.state()).runs.get(run)?.status;
      return status !== undefined && status !== 'aborted';
    },
    runs,
    frames,
    studies,
    witness: office.witness,
    forget: (run) => office.forget(run),
    withdraw: (run) => office.withdraw(run),
    wake: () => {
      link.wake();
    },
  });
  const wire = new SandboxWire(request);
  const identityOf = (holder: string): PublicKeyText | undefined => holders[holder];
  const link: HolderLink = new HolderLink({
    holder: name,
    wire,
    frames,
    log: ports.log,
    identityOf,
    deliver: (frame) =>
      frame.kind === 'recover'
        ? answerRecovery(frame, office, {
            holder: name,
            key,
            log: ports.log,
            wake: () => link.wake(),
          })
        : supervisor.deliver(frame),
    conflict: (run, refusal) => void supervisor.end(run, refusal),
    rejected: (run, refusal) =>
      endRejected(run, refusal, {
        ...{ holder: name, key, runs, frames },
        end: (one, final) => supervisor.end(one, final),
        wake: () => link.wake(),
      }),
  });
  const desk = new HolderDesk(office.desk, {
    connected: () => link.connected,
    setBack: () => link.setBack,
    stop: (study) => supervisor.stop(study),
    takeStudy: async (study, run, body) => {
      // Its refusal is said to the staff that brought it, and signs nothing.
      await studies.take(body, study);
      return supervisor.takeStudy({ study, run, body });
    },
  });
  const columns = new ColumnsDesk({
    configuration,
    directories: directory,
    key,
    office: office.columns,
    booked: (study) => office.shelf.booked(study),
    studies,
    sandbox: columnsWire,
    clock: systemClock,
  });
  await desk.settle();
  const metrics = holderMetrics({ connected: () => link.connected, runs: () => supervisor.open });
  const control = await listenControl(
    directory.controlSocket,
    desk,
    columns,
    metrics,
    new UploadsDesk(uploadsWire, studies),
  );
  const closing = new AbortController();
  const retention = watchRetention(
    {
      expire: async () => {
        // Where one stayed before.
        await office.endKeys();
        return desk.expire();
      },
      ...{ clock: ports.clock, log: ports.log },
    },
    closing.signal,
  );
  const begin = async (): Promise<void> => {
    await office.endKeys();
    await supervisor.resume();
    // Once, for what all ended runs had left.
    await office.scrub();
    link.start();
  };
  let recovering = Promise.resolve();
  if ((await office.recovery.state()) === 'well') await begin();
  else {
    const { clock, rng, log } = ports;
    const wires = { wire, identityOf, clock, rng, log, closing: closing.signal };
    // Its staff may look on, and wait with it.
    recovering = recover({ ...office, ...wires, holder: name }).then(begin, () => undefined);
  }
  ports.log.info({ holder: name, identity: key.publicText, sandbox }, 'holder started');
  return {
    name,
    identity: key.publicText,
    sandbox,
    controlSocket: directory.controlSocket,
    close: async () => {
      await control.close();
      closing.abort();
      await Promise.all([recovering, retention]);
      await Promise.all([link.close(), supervisor.close()]);
      await Promise.all([dispatcher.close(), office.batches.close()]);
      ports.log.info({ holder: name }, 'holder stopped');
      await office.close();
    },
  };
}
