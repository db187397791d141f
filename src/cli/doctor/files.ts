/** What a service has on disk: data directory, keys, store, certificate. Nothing is changed. @module */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { dataDirectoryPaths } from '../../engine/data-paths.ts';
import { checkPair } from '../../sandbox/certificate.ts';
import { fail, type Finding, ok, reason, warn } from './finding.ts';

const OTHERS = 0o077;
const DAY_MS = 86_400_000;
const SOON_DAYS = 30;

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0');

export function dataDirectoryFinding(data: string): Finding {
  const { path: root } = dataDirectoryPaths(data);
  if (!existsSync(root)) return warn('data', `${root} is not there yet: the first start makes it`);
  const { mode } = statSync(root);
  const open = (mode & OTHERS) !== 0;
  return open ? fail('data', `${root} has mode ${octal(mode)}, not 0700`) : ok('data', root);
}

/** Every key of the data directory, and those that the configuration names elsewhere. */
export function keyFindings(data: string, others: readonly string[]): Finding[] {
  const { keys } = dataDirectoryPaths(data);
  const own = existsSync(keys) ? readdirSync(keys).map((name) => path.join(keys, name)) : [];
  const files = [...own, ...others];
  if (files.length === 0) return [warn('keys', 'none yet')];
  const wrong = files.flatMap((file) => {
    if (!existsSync(file)) return [fail('keys', `${file} is not there`)];
    const { mode } = statSync(file);
    return (mode & OTHERS) === 0 ? [] : [fail('keys', `${file} has mode ${octal(mode)}, not 0600`)];
  });
  return wrong.length > 0 ? wrong : [ok('keys', `${files.length} for their owner only`)];
}

export async function storeFinding(data: string): Promise<Finding> {
  const { store } = dataDirectoryPaths(data);
  if (!existsSync(store) || statSync(store).size === 0)
    return warn('database', 'empty: never started');
  try {
    // Loaded here: most commands need no database.
    const { checkStoreFile } = await import('../../engine/store-health.ts');
    const found = checkStoreFile(store);
    return found === 'ok' ? ok('database', `${store} is sound`) : fail('database', found);
  } catch (error) {
    return fail('database', `${store}: ${reason(error)}`);
  }
}

type CertificateFiles = { readonly certFile: string; readonly keyFile: string };

export function certificateFinding(tls: CertificateFiles | undefined, now: Date): Finding {
  if (tls === undefined) return ok('certificate', 'none configured: loopback only');
  try {
    const pair = { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) };
    const { validFrom, validTo } = checkPair(pair);
    const days = Math.floor((new Date(validTo).getTime() - now.getTime()) / DAY_MS);
    if (new Date(validFrom) > now) return fail('certificate', `not valid before ${validFrom}`);
    if (days < 0) return fail('certificate', `expired on ${validTo}`);
    const says = `valid for ${days} days, until ${validTo}`;
    return days < SOON_DAYS ? warn('certificate', says) : ok('certificate', says);
  } catch (error) {
    return fail('certificate', reason(error));
  }
}
