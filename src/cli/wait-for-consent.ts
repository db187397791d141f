/** Waits until every holder has answered a study that was submitted. @module */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, PUBLIC_MESSAGE, Refusal } from '../base/errors.ts';
import type { KakehashiClient, KnownStudy } from '../client/client.ts';

const PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

const isCode = (text: string): text is ErrorCode => Object.hasOwn(PUBLIC_MESSAGE, text);

/**
 * Refuses with the code of a holder that refused, or with HOLDER_UNREACHABLE and the holders that
 * have not answered after `timeoutSeconds`.
 */
export async function waitForConsent(
  client: Pick<KakehashiClient, 'study'>,
  id: string,
  timeoutSeconds: number,
): Promise<KnownStudy> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (let pause = PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const known = await client.study(id);
    const [refusal] = Object.entries(known.refused);
    if (refusal !== undefined) {
      const [holder, code] = refusal;
      throw new Refusal<ErrorCode>(isCode(code) ? code : 'FORBIDDEN', `holder ${holder}: ${code}`);
    }
    const waiting = Object.entries(known.accepted).flatMap(([name, yes]) => (yes ? [] : [name]));
    if (waiting.length === 0) return known;
    if (Date.now() >= deadline) {
      throw new Refusal('HOLDER_UNREACHABLE', 'study not answered', { holders: waiting });
    }
    await sleep(pause);
  }
}
