/** The sign-in that a configuration asks for, with its secrets read from their files. @module */
import { fromUtf8 } from '../base/bytes.ts';
import { check, Refusal } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import type { Rng } from '../base/rng.ts';
import { readSecretLine } from '../engine/keys.ts';
import { createDispatcher, isLoopback } from '../engine/transport/dispatcher.ts';
import type { Clock } from '../flows/ports.ts';
import type { SandboxConfiguration } from './configuration.ts';
import { SignIn } from './sign-in.ts';

const KEY_BYTES = 32;

async function sessionKey(file: string | undefined, rng: Rng): Promise<Uint8Array> {
  if (file === undefined) return rng(KEY_BYTES);
  using line = await readSecretLine('session key', file);
  check(line.expose().length >= KEY_BYTES, 'KEY_FILE_INVALID', `${file}: shorter than 32`);
  return sha256(line.expose());
}

async function clientSecret(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  using line = await readSecretLine('client secret', file);
  return fromUtf8(line.expose());
}

/** An address of which nobody else can read what goes there. */
function checkAddress(text: string, pointer: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const safe = url !== undefined && (url.protocol === 'https:' || isLoopback(url.hostname));
  const errors = [{ pointer, code: url === undefined ? 'WRONG_FORMAT' : 'TLS_REQUIRED' }];
  if (!safe) throw new Refusal('CONFIGURATION_INVALID', pointer, { errors });
  return url;
}

export async function openSignIn(
  { signIn }: Pick<SandboxConfiguration, 'signIn'>,
  clock: Pick<Clock, 'now'>,
  rng: Rng,
): Promise<SignIn | undefined> {
  if (signIn === undefined) return undefined;
  const { issuer, clientId, redirect, people, caFile, proxy } = signIn;
  const { origin } = checkAddress(issuer, '/signIn/issuer');
  checkAddress(redirect, '/signIn/redirect');
  return new SignIn({
    issuer,
    clientId,
    clientSecret: await clientSecret(signIn.clientSecretFile),
    redirect,
    people,
    key: await sessionKey(signIn.sessionKeyFile, rng),
    clock,
    dispatcher: await createDispatcher({ origin, caFile, proxy }),
  });
}
