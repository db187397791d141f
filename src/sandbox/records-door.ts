/**
 * How processes of one sandbox speak to each other about records: HTTP inside TLS with a key that both know (RFC 4279;
 * ECDHE as in RFC 5489 and RFC 7905, so that a key that leaks later opens nothing of before). The key is in the store that
 * they share, so whoever may read that may ask, and nobody else; no certificate is involved.
 *
 *     POST /RUN/FROM/TO?number=N          a record          ─▶ 202, epoch
 *     GET  /RUN/FROM/TO?after=N&wait=MS   records behind N  ─▶ 200, epoch, CBOR sequence
 *     HEAD /RUN/FROM/TO                   whether the run is open  ─▶ 200, epoch
 *     else the status of a refusal, its code as JSON
 *
 * @module
 */
import { DIGEST_PATTERN, type Digest } from '../base/hash.ts';
import { NAME } from '../base/name.ts';
import type { Parties } from './records.ts';

/** A sibling is known by the key alone. */
export const IDENTITY = 'kakehashi';

export const TLS_PSK = {
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
} as const;

/** Longest wait that a holder may ask for. */
export const LONGEST_WAIT_MS = 25_000;

export const pathOf = (run: Digest, { from, to }: Parties): string => `/${run}/${from}/${to}`;

const PATH = new RegExp(`^/([0-9a-f]{64})/(${NAME})/(${NAME})$`);

/** Undefined where it is the path of nothing. */
export function readPath(
  path: string,
): { readonly run: Digest; readonly parties: Parties } | undefined {
  const [, run, from, to] = PATH.exec(path) ?? [];
  if (run === undefined || from === undefined || to === undefined) return undefined;
  return DIGEST_PATTERN.test(run) ? { run, parties: { from, to } } : undefined;
}
