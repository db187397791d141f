/** The sandbox as it is seen from here: reachable, in the same second, of the same version. @module */
import { request } from 'undici';
import type { Reach } from '../../engine/transport/dispatcher.ts';
import { createDispatcher } from '../../engine/transport/dispatcher.ts';
import { systemCode } from '../../base/errors.ts';
import { fail, type Finding, ok, reason, warn } from './finding.ts';

const TIMEOUT_MS = 10_000;
/** A token is refused when clocks differ by more (engine/transport/request-token.ts). */
const REFUSED_SECONDS = 30;
const NOTED_SECONDS = 5;

export function clockFinding(sandbox: Date, here: Date): Finding {
  const seconds = Math.abs(sandbox.getTime() - here.getTime()) / 1000;
  // The header has whole seconds.
  if (!(seconds <= REFUSED_SECONDS)) {
    return fail('clock', `${Math.round(seconds)} s from the sandbox: its requests are refused`);
  }
  const says = `within ${Math.ceil(seconds)} s of the sandbox`;
  return seconds > NOTED_SECONDS ? warn('clock', says) : ok('clock', says);
}

export function versionFinding(sandbox: unknown, here: string): Finding {
  if (typeof sandbox !== 'string')
    return warn('version', `${here}; the sandbox does not say its own`);
  const minor = (text: string): string => text.split('.').slice(0, 2).join('.');
  if (sandbox === here) return ok('version', here);
  const says = `${here} here, ${sandbox} at the sandbox`;
  return minor(sandbox) === minor(here) ? warn('version', says) : fail('version', says);
}

export async function sandboxFindings(
  reach: Reach,
  here: string,
  now: () => Date,
): Promise<Finding[]> {
  try {
    const dispatcher = await createDispatcher(reach);
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const { statusCode, headers, body } = await request(`${reach.origin}/livez`, {
        dispatcher,
        signal,
      });
      const at = now();
      const said = await body.json().catch(() => undefined);
      if (statusCode !== 200) return [fail('sandbox', `${reach.origin} answers ${statusCode}`)];
      const { version } = (said ?? {}) as { readonly version?: unknown };
      return [
        ok('sandbox', `${reach.origin} answers`),
        clockFinding(new Date(String(headers['date'])), at),
        versionFinding(version, here),
      ];
    } finally {
      await dispatcher.destroy();
    }
  } catch (error) {
    const code = systemCode(error, '');
    const why = code === '' ? reason(error) : code;
    return [fail('sandbox', `${reach.origin} cannot be reached: ${why}`)];
  }
}
