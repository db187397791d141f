/**
 * A request that an overloaded or restarting sandbox did not take on (503 with Retry-After) is sent
 * again, a few times and as late as it asks: it refuses before it does anything, so nothing can
 * happen twice. Every attempt is signed anew. A 503 without the header may be a proxy's, and is an answer.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SignedResponse } from '../engine/transport/signed-request.ts';

const ATTEMPTS = 3;
const LONGEST_SECONDS = 10;

export async function untilTaken(ask: () => Promise<SignedResponse>): Promise<SignedResponse> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await ask();
    const seconds = Number(response.headers['retry-after']);
    const later = response.status === 503 && seconds >= 0 && seconds <= LONGEST_SECONDS;
    if (!later || attempt === ATTEMPTS) return response;
    await sleep(seconds * 1000);
  }
}
