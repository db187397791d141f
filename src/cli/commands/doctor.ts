/** `kakehashi doctor`: whether this machine is fit to run a service, and what is wrong where not. @module */
import { Command, Option } from 'commander';
import { systemClock } from '../../engine/clock.ts';
import { dataDirectoryPaths, defaultDataDirectory } from '../../engine/data-paths.ts';
import type { DatabaseSetting } from '../../engine/service-store.ts';
import type { Reach } from '../../engine/transport/dispatcher.ts';
import { type Finding, ok, reason, fail } from '../doctor/finding.ts';
import {
  certificateFinding,
  dataDirectoryFinding,
  keyFindings,
  storeFinding,
} from '../doctor/files.ts';
import {
  bubblewrapFinding,
  processesFinding,
  diskFinding,
  memoryFinding,
  nodeFinding,
  usableMemory,
} from '../doctor/machine.ts';
import { databaseFinding } from '../doctor/database.ts';
import { sandboxFindings } from '../doctor/reach.ts';
import { homedir } from 'node:os';
import { EXIT, ExitWith } from '../exit.ts';
import type { Io } from '../io.ts';
import { jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { plain } from '../table.ts';
import { version } from '../version.ts';

type Role = 'sandbox' | 'holder';
type Flags = {
  readonly role: Role;
  readonly data?: string;
  readonly sandbox?: string;
  readonly json?: boolean;
};

/** What the configuration adds to the checks. */
type Configured = {
  readonly finding: Finding;
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly files: readonly string[];
  readonly reach?: Reach | undefined;
  /** PostgreSQL, where the service has no file of its own. */
  readonly database?: DatabaseSetting | undefined;
};

const present = (...files: readonly (string | undefined)[]): string[] =>
  files.flatMap((file) => (file === undefined ? [] : [file]));

async function sandboxConfigured(io: Io, data: string): Promise<Configured> {
  const { readSandboxConfiguration } = await import('../../sandbox/configuration.ts');
  const { config } = dataDirectoryPaths(data);
  const { tls, holders, database } = readSandboxConfiguration(config, io.environment, {});
  const finding = ok('configuration', `${Object.keys(holders).length} holders in config.json`);
  return { finding, tls, files: present(tls?.keyFile, database?.urlFile), database };
}

async function holderConfigured(io: Io, data: string, origin?: string): Promise<Configured> {
  const { readHolderConfiguration } = await import('../../holder/configuration.ts');
  const { config } = dataDirectoryPaths(data);
  const read = readHolderConfiguration(config, io.environment, { sandbox: origin });
  const { name, sandbox, caFile, proxy, proxyCredentialsFile, identityFile, passphraseFile } = read;
  const { database } = read;
  return {
    finding: ok('configuration', `holder ${name}`),
    files: present(identityFile, passphraseFile, proxyCredentialsFile, database?.urlFile),
    database,
    reach: { origin: sandbox, caFile, proxy, proxyCredentialsFile },
  };
}

async function configured(io: Io, role: Role, data: string, origin?: string): Promise<Configured> {
  try {
    return role === 'sandbox'
      ? await sandboxConfigured(io, data)
      : await holderConfigured(io, data, origin);
  } catch (error) {
    return { finding: fail('configuration', reason(error)), files: [] };
  }
}

export async function examine(io: Io, { role, data, sandbox }: Flags): Promise<Finding[]> {
  const place = data ?? defaultDataDirectory(role, io.environment, homedir());
  const { finding, tls, files, reach, database } = await configured(io, role, place, sandbox);
  const target = reach ?? (sandbox === undefined ? undefined : { origin: sandbox });
  const here = version();
  return [
    nodeFinding(process.version),
    memoryFinding(usableMemory()),
    await diskFinding(place),
    finding,
    dataDirectoryFinding(place),
    ...keyFindings(place, files),
    await (database === undefined ? storeFinding(place) : databaseFinding(database)),
    ...(role === 'sandbox' ? [certificateFinding(tls, systemClock.now())] : []),
    ...(target === undefined ? [] : await sandboxFindings(target, here, () => systemClock.now())),
    await bubblewrapFinding(),
    await processesFinding(),
  ];
}

const MARK = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const;

export const doctorCommand = (io: Io): Command =>
  new Command('doctor')
    .description('is this machine fit to run a service: clock, disk, keys, certificate, sandbox')
    .addOption(
      new Option('--role <role>', 'which service').choices(['sandbox', 'holder']).default('holder'),
    )
    .option('--data <dir>', 'its data directory; default as the service has it')
    .option('--sandbox <url>', 'address of the sandbox, where config.json does not say it')
    .addOption(jsonOption())
    .action(async (flags: Flags) => {
      const findings = await examine(io, flags);
      const healthy = findings.every(({ status }) => status !== 'fail');
      const lines = findings.map(({ check, status, says }) =>
        plain(`${MARK[status]}  ${check.padEnd(14)}${says}`),
      );
      printAnswer(io, { json: { healthy, findings }, lines }, flags.json === true);
      if (!healthy) throw new ExitWith(EXIT.failure);
    });
