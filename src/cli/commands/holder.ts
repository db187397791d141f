/** `kakehashi holder`: a data holder's own process, with outbound connections only. @module */
import { Command, Option } from 'commander';
import { Refusal } from '../../base/errors.ts';
import { SETTING_NAMES } from '../../ledger/settings.ts';
import { dataDirectoryPaths } from '../../engine/data-paths.ts';
import type { Io } from '../io.ts';
import { dataOption, jsonOption, pairOption, passphraseOption } from '../options.ts';
import { printConfiguration, printConfigurationOption } from '../print-configuration.ts';
import { type ServeFlags, serve, untilStdinClosesOption } from '../serve.ts';

type Flags = ServeFlags & {
  readonly data: string;
  readonly name?: string;
  readonly sandbox?: string;
  readonly peer?: ReadonlyMap<string, string>;
  readonly steward?: readonly string[];
  readonly caFile?: string;
  readonly proxy?: string;
  readonly proxyCredentialsFile?: string;
  readonly identityFile?: string;
  readonly passphraseFile?: string;
  readonly logLevel?: string;
  readonly printConfig?: boolean;
  readonly epochLimit?: string;
};

const HELP = `
Settings come from config.json in the data directory, from KAKEHASHI_* variables and from these
options; later ones win. The identity key is keys/identity.pem (see \`kakehashi keygen\`). The
keys of peers and stewards are pinned here: get them from their owners, not through the sandbox.
It listens on nothing but control.sock in the data directory, for this holder's own staff. The
log is JSON lines on stderr; stdout has one line when it is ready. Stop it with SIGTERM or SIGINT.`;

const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** What the address of a unix socket holds on every system that is served. */
const LONGEST_SOCKET_PATH = 103;

function checkSocketPath(data: string): void {
  const { controlSocket } = dataDirectoryPaths(data);
  if (Buffer.byteLength(controlSocket) <= LONGEST_SOCKET_PATH) return;
  const errors = [{ pointer: '/data', code: 'PATH_TOO_LONG' }];
  throw new Refusal('CONFIGURATION_INVALID', controlSocket, { errors });
}

export const holderCommand = (io: Io): Command =>
  new Command('holder')
    .description('run a data holder: answers agreed queries on its own data')
    .addOption(dataOption(io, 'holder'))
    .option('--name <name>', 'name of this holder in its studies')
    .option('--sandbox <url>', 'address of the sandbox')
    .addOption(pairOption('--peer <name=key>', 'identity key of another holder; repeat for each'))
    .option('--steward <key>', "key of one of this holder's stewards; repeat for each", collect)
    .option('--ca-file <file>', 'trust this certificate authority (PEM) for the sandbox')
    .option('--proxy <url>', 'reach the sandbox through this proxy (default HTTPS_PROXY)')
    .option('--proxy-credentials-file <file>', 'user:password of the proxy, mode 0600')
    .option('--identity-file <file>', 'identity key, default keys/identity.pem')
    .addOption(passphraseOption())
    .addOption(
      new Option(
        '--epoch-limit <name>',
        'what a person may bear over all studies; exact amounts in config.json (default: generous)',
      ).choices([...SETTING_NAMES, 'none']),
    )
    .option('--log-level <level>', 'debug, info, warn, error or silent')
    .addOption(printConfigurationOption())
    .addOption(untilStdinClosesOption())
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      const { data, name, sandbox, peer, steward, caFile, proxy, proxyCredentialsFile } = flags;
      const { identityFile, passphraseFile, logLevel, epochLimit } = flags;
      const settings = {
        name,
        sandbox,
        holders: peer === undefined ? undefined : Object.fromEntries(peer),
        stewards: steward,
        caFile,
        proxy,
        proxyCredentialsFile,
        identityFile,
        passphraseFile,
        logLevel,
        epochLimit,
      };
      if (flags.printConfig === true) {
        const { readHolderConfiguration } = await import('../../holder/configuration.ts');
        printConfiguration(io, data, (file) =>
          readHolderConfiguration(file, io.environment, settings),
        );
        return;
      }
      checkSocketPath(data);
      // Loaded here: other commands must not wait for a database to load.
      const { startHolder } = await import('../../holder/main.ts');
      const running = await startHolder({ data, environment: io.environment, flags: settings });
      const { identity } = running;
      const ready = { holder: running.name, identity, sandbox: running.sandbox };
      const line = `holder ${running.name} ready, sandbox ${running.sandbox}`;
      await serve(io, { ready, line, close: () => running.close() }, flags);
    });
