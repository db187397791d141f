/**
 * Asks the running holder of a data directory, through its `control.sock` (DESIGN section 9,
 * "Staff access"). The mode of the socket is the authentication.
 * @module
 */
import { Agent, request } from 'undici';
import { canonicalBytes } from '../base/canonical-json.ts';
import { Refusal } from '../base/errors.ts';
import { refusalOfDocument } from '../engine/transport/problem-response.ts';
import { dataDirectoryPaths } from '../engine/data-paths.ts';

/** Loading a large file takes minutes. */
const TIMEOUT_MS = 60 * 60_000;

/** Refuses with HOLDER_NOT_RUNNING where nobody listens, else with what the holder refuses. */
export async function askHolder(
  directory: string,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<object> {
  const { controlSocket } = dataDirectoryPaths(directory);
  const dispatcher = new Agent({ connect: { socketPath: controlSocket } });
  try {
    const response = await request(`http://holder${path}`, {
      dispatcher,
      method,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      ...(body === undefined
        ? {}
        : { body: canonicalBytes(body), headers: { 'content-type': 'application/json' } }),
    }).catch((cause: unknown) => {
      // The mode of the directory keeps others out: that the holder is not running would be a guess.
      const closed = cause instanceof Error && 'code' in cause && cause.code === 'EACCES';
      if (closed) throw new Refusal('FORBIDDEN', `${controlSocket}: EACCES`, undefined, { cause });
      throw new Refusal('HOLDER_NOT_RUNNING', controlSocket, undefined, { cause });
    });
    const answer: unknown = await response.body.json().catch(() => undefined);
    const isObject = typeof answer === 'object' && answer !== null;
    if (response.statusCode === 200 && isObject) return answer;
    throw (
      refusalOfDocument(answer, path) ?? new Refusal('INTERNAL', `holder ${response.statusCode}`)
    );
  } finally {
    await dispatcher.destroy();
  }
}
