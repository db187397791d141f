/** `kakehashi sandbox`: the relay between holders, and the API of analysts. @module */
import { Command } from 'commander';
import { check } from '../../base/errors.ts';
import type { Io } from '../io.ts';
import { dataOption, jsonOption, pairOption } from '../options.ts';
import { printConfiguration, printConfigurationOption } from '../print-configuration.ts';
import { type ServeFlags, serve, untilStdinClosesOption } from '../serve.ts';
import { version } from '../version.ts';

type Flags = ServeFlags & {
  readonly data: string;
  readonly listen?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly holder?: ReadonlyMap<string, string>;
  readonly metrics?: string;
  readonly logLevel?: string;
  readonly printConfig?: boolean;
};

const HELP = `
Settings come from config.json in the data directory, from KAKEHASHI_* variables and from these
options; later ones win. TLS is required off loopback. The log is JSON lines on stderr; stdout
has one line when the service is ready. Stop it with SIGTERM or SIGINT.`;

export const sandboxCommand = (io: Io): Command =>
  new Command('sandbox')
    .description('run the sandbox: relays messages between holders, adds, never decrypts')
    .addOption(dataOption(io, 'sandbox'))
    .option('--listen <host:port>', 'default 127.0.0.1:7310; port 0 takes a free one')
    .option('--tls-cert <file>', 'certificate chain, PEM')
    .option('--tls-key <file>', 'its key, PEM, mode 0600')
    .addOption(pairOption('--holder <name=key>', 'identity key of a holder; repeat for each'))
    .option('--metrics <host:port>', 'also serve /metrics here, unsigned, on loopback only')
    .option('--log-level <level>', 'debug, info, warn, error or silent')
    .addOption(printConfigurationOption())
    .addOption(untilStdinClosesOption())
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      const { data, listen, tlsCert, tlsKey, holder, metrics, logLevel } = flags;
      check((tlsCert === undefined) === (tlsKey === undefined), 'USAGE', '--tls-cert, --tls-key');
      const settings = {
        listen,
        metrics,
        logLevel,
        holders: holder === undefined ? undefined : Object.fromEntries(holder),
        tls:
          tlsCert === undefined || tlsKey === undefined
            ? undefined
            : { certFile: tlsCert, keyFile: tlsKey },
      };
      if (flags.printConfig === true) {
        const { readSandboxConfiguration } = await import('../../sandbox/configuration.ts');
        printConfiguration(io, data, (file) =>
          readSandboxConfiguration(file, io.environment, settings),
        );
        return;
      }
      // Loaded here: other commands must not wait for a web server and a database to load.
      const { startSandbox } = await import('../../sandbox/main.ts');
      const running = await startSandbox({
        data,
        environment: io.environment,
        version: version(),
        flags: settings,
      });
      const { url, metrics: scraped } = running;
      const close = () => running.close();
      await serve(
        io,
        {
          ready: { url, ...(scraped === undefined ? {} : { metrics: scraped }) },
          line: `sandbox ready on ${url}`,
          close,
        },
        flags,
      );
    });
