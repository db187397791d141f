/** What a sandbox is told at start (DESIGN section 9, "Configuration"). @module */
import { readFileSync, type Stats, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type Static, Type } from 'typebox';
import type { Json } from '../base/canonical-json.ts';
import { check, type InputError, Refusal } from '../base/errors.ts';
import { pointerTo } from '../base/input.ts';
import { NAME_PATTERN } from '../base/name.ts';
import { PUBLIC_KEY_PATTERN, publicKey } from '../base/sign.ts';
import { type Environment, readConfiguration } from '../engine/configuration.ts';
import { DatabaseShape } from '../engine/service-store.ts';
import { checkPair } from './certificate.ts';
import { RETENTION_DAYS } from './erasures.ts';
import { type Listen, readListen } from './listen.ts';
import { USUAL_LIMITS } from './protection.ts';

const Key = Type.String({ pattern: PUBLIC_KEY_PATTERN.source });

export const SandboxConfigurationShape = Type.Object(
  {
    /** `host:port`, an IPv6 host in brackets; port 0 takes a free one. */
    listen: Type.String({ minLength: 3, maxLength: 270 }),
    /** PEM files. Required off loopback. */
    tls: Type.Optional(
      Type.Object(
        { certFile: Type.String({ minLength: 1 }), keyFile: Type.String({ minLength: 1 }) },
        { additionalProperties: false },
      ),
    ),
    /** Identity keys of the holders that this sandbox relays for. */
    holders: Type.Record(Type.String(), Key),
    /** Keys of whoever may read /metrics. */
    ops: Type.Array(Key),
    /** Keys of whoever may read studies, queries and the states of runs, and no release. */
    auditors: Type.Array(Key),
    /** Where /metrics is also served, unsigned, to this machine: `host:port` on loopback. */
    metrics: Type.Optional(Type.String({ minLength: 3, maxLength: 270 })),
    /** Of one principal, and of one address without a key that somebody vouched for. */
    requestsPerMinute: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
    strangersPerMinute: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
    /** Event streams that may be open at once. */
    eventStreams: Type.Integer({ minimum: 1, maximum: 100_000 }),
    /** Runs that are begun at once; others wait, one of each study in turn. */
    runsAtOnce: Type.Integer({ minimum: 1, maximum: 1000 }),
    /** Frames that may wait for one holder. */
    inboxFrames: Type.Integer({ minimum: 100, maximum: 10_000_000 }),
    /** Mean delay of the event loop above which requests are refused with OVERLOADED; 0 for never. */
    overloadMs: Type.Integer({ minimum: 0, maximum: 60_000 }),
    /** Between SIGTERM, when /readyz is refused, and the end: for a balancer to notice. */
    drainSeconds: Type.Integer({ minimum: 0, maximum: 600 }),
    /** How long ciphertexts of an ended run are kept (erasures.ts); 0 deletes them at once. */
    retentionDays: Type.Integer({ minimum: 0, maximum: 3650 }),
    /** Sign-in of people who read in a browser (sign-in.ts). */
    signIn: Type.Optional(
      Type.Object(
        {
          issuer: Type.String({ pattern: '^https?://' }),
          clientId: Type.String({ minLength: 1 }),
          clientSecretFile: Type.Optional(Type.String({ minLength: 1 })),
          redirect: Type.String({ pattern: '^https?://.*/v1/sign-in/callback$' }),
          /** Keys by subject. */
          people: Type.Record(Type.String(), Key),
          /** At least 32 characters; the same for every process behind one address. Default: drawn at start. */
          sessionKeyFile: Type.Optional(Type.String({ minLength: 1 })),
          caFile: Type.Optional(Type.String({ minLength: 1 })),
          proxy: Type.Optional(Type.String({ minLength: 1 })),
        },
        { additionalProperties: false },
      ),
    ),
    /** PostgreSQL instead of a file in the data directory; several processes may share it. */
    database: Type.Optional(DatabaseShape),
    /**
     * Where the other processes on the same database reach this one, over connections that only they can open
     * (records-door.ts): `listen` on, port 0 takes a free one; `address` as they see it, where that is another.
     */
    peers: Type.Object(
      {
        listen: Type.String({ minLength: 3, maxLength: 270 }),
        address: Type.Optional(Type.String({ minLength: 3, maxLength: 270 })),
      },
      { additionalProperties: false },
    ),
    /** Worker threads. */
    threads: Type.Integer({ minimum: 1, maximum: 256 }),
    logLevel: Type.Enum(['debug', 'info', 'warn', 'error', 'silent']),
  },
  { additionalProperties: false },
);

export type PeersSetting = { readonly listen: Listen; readonly address?: string | undefined };

export type SandboxConfiguration = Omit<
  Static<typeof SandboxConfigurationShape>,
  'listen' | 'metrics' | 'peers'
> & { readonly listen: Listen; readonly metrics?: Listen; readonly peers: PeersSetting };

/** The service itself waits most of the time, so that workers may have every core. */
const DEFAULT_THREADS = availableParallelism();

/** Refuses with CONFIGURATION_INVALID, naming everything that is wrong. */
export function readSandboxConfiguration(
  file: string,
  environment: Environment,
  flags: Readonly<Record<string, Json | undefined>>,
): SandboxConfiguration {
  const read = readConfiguration(SandboxConfigurationShape, {
    defaults: {
      listen: '127.0.0.1:7310',
      holders: {},
      ops: [],
      auditors: [],
      ...USUAL_LIMITS,
      drainSeconds: 0,
      retentionDays: RETENTION_DAYS,
      peers: { listen: '127.0.0.1:0' },
      threads: DEFAULT_THREADS,
      logLevel: 'info',
    },
    environment,
    file,
    flags,
  });
  const { metrics: metricsText, peers: peersText, ...rest } = read;
  const listen = readListen(read.listen);
  const peers = readListen(peersText.listen);
  const metrics = metricsText === undefined ? undefined : readListen(metricsText);
  const errors: InputError[] = [...holderErrors(read.holders), ...peersErrors(peersText)];
  if (listen === undefined) errors.push({ pointer: '/listen', code: 'WRONG_FORMAT' });
  else if (read.tls === undefined && !isLoopback(listen.host)) {
    errors.push({ pointer: '/tls', code: 'REQUIRED_OFF_LOOPBACK' });
  }
  if (metricsText !== undefined && (metrics === undefined || !isLoopback(metrics.host))) {
    errors.push({
      pointer: '/metrics',
      code: metrics === undefined ? 'WRONG_FORMAT' : 'LOOPBACK_ONLY',
    });
  }
  if (errors.length > 0 || listen === undefined || peers === undefined) {
    throw new Refusal('CONFIGURATION_INVALID', 'configuration', { errors });
  }
  return {
    ...rest,
    listen,
    peers: { ...peersText, listen: peers },
    ...(metrics === undefined ? {} : { metrics }),
  };
}

/** Every address of a machine is none that another one could ask. */
const EVERYWHERE: readonly string[] = ['0.0.0.0', '::'];

function peersErrors({ listen, address }: { listen: string; address?: string }): InputError[] {
  const at = readListen(listen);
  if (at === undefined) return [{ pointer: '/peers/listen', code: 'WRONG_FORMAT' }];
  const seen = address === undefined ? at : readListen(address);
  if (seen === undefined || (address !== undefined && seen.port === 0)) {
    return [{ pointer: '/peers/address', code: 'WRONG_FORMAT' }];
  }
  return EVERYWHERE.includes(seen.host) ? [{ pointer: '/peers/address', code: 'REQUIRED' }] : [];
}

function holderErrors(holders: Readonly<Record<string, string>>): InputError[] {
  return Object.entries(holders).flatMap(([name, key]) => {
    const pointer = pointerTo('/holders', name);
    if (!NAME_PATTERN.test(name)) return [{ pointer, code: 'WRONG_FORMAT' }];
    try {
      publicKey(key);
    } catch {
      return [{ pointer, code: 'KEY_INVALID' }];
    }
    const twice = Object.entries(holders).some(([other, one]) => one === key && other < name);
    return twice ? [{ pointer, code: 'DUPLICATE_KEY' }] : [];
  });
}

/** Addresses that only this machine reaches. A name other than `localhost` may point anywhere. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);

const OTHERS = 0o077;

/**
 * For its owner only, or as Kubernetes mounts secrets: root's, and readable by the group that this
 * process alone runs as.
 */
function isPrivate({ mode, uid, gid }: Stats): boolean {
  if ((mode & OTHERS) === 0) return true;
  return (mode & OTHERS) === 0o040 && uid !== process.getuid?.() && gid === process.getgid?.();
}

/** Certificate and key; refuses a key file that others can read, and one of another certificate. */
export function readTls({
  tls,
}: Pick<SandboxConfiguration, 'tls'>): { cert: Buffer; key: Buffer } | undefined {
  if (tls === undefined) return undefined;
  try {
    check(isPrivate(statSync(tls.keyFile)), 'KEY_FILE_MODE', tls.keyFile);
    const pair = { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) };
    checkPair(pair);
    return pair;
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('FILE_NOT_FOUND', 'TLS files', undefined, { cause });
  }
}
