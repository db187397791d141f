/** Options that several commands have, with one wording and one meaning. @module */
import { homedir } from 'node:os';
import { Option } from 'commander';
import { Refusal } from '../base/errors.ts';
import { defaultDataDirectory } from '../engine/data-paths.ts';
import type { Io } from './io.ts';

export const jsonOption = (): Option => new Option('--json', 'print one JSON object on stdout');

export const dataOption = (io: Io, role: 'sandbox' | 'holder'): Option =>
  new Option('--data <dir>', `data directory of the ${role}`)
    .env('KAKEHASHI_DATA')
    .default(defaultDataDirectory(role, io.environment, homedir()));

export const passphraseOption = (): Option =>
  new Option('--passphrase-file <file>', 'the first line of this file opens the key');

/** What a command needs to talk to the sandbox as somebody. */
export const principalOptions = (): Option[] => [
  new Option('--sandbox <url>', 'address of the sandbox')
    .env('KAKEHASHI_SANDBOX')
    .makeOptionMandatory(),
  new Option('--key <file>', 'signing key, as `keygen` writes it')
    .env('KAKEHASHI_KEY_FILE')
    .makeOptionMandatory(),
  passphraseOption(),
  new Option('--ca-file <file>', 'trust this certificate authority (PEM) for the sandbox').env(
    'KAKEHASHI_CA_FILE',
  ),
  new Option('--proxy <url>', 'reach the sandbox through this proxy (default HTTPS_PROXY)').env(
    'KAKEHASHI_PROXY',
  ),
  new Option('--proxy-credentials-file <file>', 'user:password of the proxy, mode 0600').env(
    'KAKEHASHI_PROXY_CREDENTIALS_FILE',
  ),
];

export type PrincipalFlags = {
  readonly sandbox: string;
  readonly key: string;
  readonly passphraseFile?: string;
  readonly caFile?: string;
  readonly proxy?: string;
  readonly proxyCredentialsFile?: string;
};

/** `name=value`, several times: a map in the order given. */
export const pairOption = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(
    (text: string, before: ReadonlyMap<string, string> | undefined) => {
      const at = text.indexOf('=');
      const name = text.slice(0, at);
      if (at < 1 || at === text.length - 1 || before?.has(name) === true) {
        const errors = [
          { pointer: `/${flags.replace(/^--| .*$/g, '')}`, code: 'NAME_EQUALS_VALUE' },
        ];
        throw new Refusal('INVALID_PARAMETER', text, { errors }) as Error;
      }
      return new Map([...(before ?? []), [name, text.slice(at + 1)]]);
    },
  );

export const integerOption = (flags: string, description: string, least: number): Option =>
  new Option(flags, description).argParser((text: string) => {
    const value = Number(text);
    if (!/^\d{1,15}$/.test(text) || value < least) {
      const errors = [{ pointer: `/${flags.replace(/^--| .*$/g, '')}`, code: 'OUT_OF_RANGE' }];
      throw new Refusal('INVALID_PARAMETER', text, { errors }) as Error;
    }
    return value;
  });
