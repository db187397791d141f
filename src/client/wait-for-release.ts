/** Follows a run to its end: the release, or the refusal it ended with. @module */
import type { Json } from '../base/canonical-json.ts';
import { type ErrorCode, Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { refusalOfDocument } from '../engine/transport/problem-response.ts';
import { FRAME_KINDS } from '../flows/frame.ts';
import type { RunState } from '../flows/ports.ts';
import type { Study } from '../flows/study-terms.ts';
import type { RunAnswer } from './answers.ts';
import type { Release } from './release.ts';
import { isFinal, type RunEvent } from './run-events.ts';

export type WaitOptions = {
  /** The study that the query was signed for: its identity keys are what receipts must carry. */
  readonly study: Study;
  /** The query that the release must answer. */
  readonly asked?: Json;
  readonly onProgress?: (event: RunEvent) => void;
  /** After this long the wait ends with HOLDER_UNREACHABLE; the run goes on. Default: for ever. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
};

/** What waiting needs of the client. */
export type RunWatcher = {
  events(run: Digest, signal?: AbortSignal): AsyncIterable<RunEvent>;
  runState(run: Digest): Promise<RunAnswer>;
  release(run: Digest, study: Study, asked?: Json): Promise<Release>;
};

const CODE: Partial<Record<RunState, ErrorCode>> = {
  incomplete: 'RUN_INCOMPLETE',
  stopped: 'STUDY_STOPPED',
};

/** Why a run ended without a release; the run's own word, else what its state says. */
function endOf({ run, state, problem }: RunAnswer): Refusal {
  const said = refusalOfDocument(problem, 'run');
  return said ?? new Refusal<ErrorCode>(CODE[state] ?? 'RUN_ABORTED', `run ${run} is ${state}`);
}

const stepOf = (step: string | null): number => FRAME_KINDS.findIndex((kind) => kind === step);

/** The holders that the others wait for: those whose last message is the earliest. */
export function missingHolders({ holders }: Pick<RunAnswer, 'holders'>): string[] {
  const earliest = Math.min(...holders.map(({ step }) => stepOf(step)));
  return holders.filter(({ step }) => stepOf(step) === earliest).map(({ name }) => name);
}

async function follow(
  watcher: RunWatcher,
  run: Digest,
  onProgress: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  for await (const event of watcher.events(run, signal)) {
    onProgress(event);
    if (event.event !== 'state') continue;
    // Days may pass: whoever asks again later, as anybody of the study, joins the same run. The event
    // may be an old one: events are told from the first.
    if (event.state === 'waiting for approval') {
      const { state } = await watcher.runState(run);
      if (state === 'waiting for approval') throw new Refusal('APPROVAL_PENDING', `run ${run}`);
    }
    if (isFinal(event.state)) return;
  }
}

export async function waitForRelease(
  watcher: RunWatcher,
  run: Digest,
  options: WaitOptions,
): Promise<Release> {
  const { study, asked, onProgress = () => {}, timeoutSeconds, signal } = options;
  const limit = new AbortController();
  const timer =
    timeoutSeconds === undefined
      ? undefined
      : setTimeout(() => limit.abort(), timeoutSeconds * 1000);
  const cancel = (): void => limit.abort();
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted === true) cancel();
  try {
    await follow(watcher, run, onProgress, limit.signal);
  } catch (error) {
    signal?.throwIfAborted();
    const pending = error instanceof Refusal && error.code === 'APPROVAL_PENDING';
    if (pending || !limit.signal.aborted) throw error;
    const holders = missingHolders(await watcher.runState(run));
    throw new Refusal('HOLDER_UNREACHABLE', `run ${run} goes on without this command`, { holders });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  }
  const end = await watcher.runState(run);
  if (end.state !== 'released') throw endOf(end);
  return watcher.release(run, study, asked);
}
