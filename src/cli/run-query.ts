/** One query from signing to release: what `query run`, `run` and `demo` have in common. @module */
import type { Json } from '../base/canonical-json.ts';
import type { QueryAnswer } from '../client/answers.ts';
import type { KakehashiClient, Release, RunEvent } from '../client/client.ts';
import type { Study } from '../flows/study-terms.ts';

/** Seconds in each stage of the protocol, to the millisecond. */
export type Timings = Readonly<Record<string, number>>;

export type Answered = {
  readonly submitted: QueryAnswer;
  readonly run: string;
  readonly release: Release;
  readonly timings: Timings;
};

export type RunQueryOptions = {
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
  readonly onPriced?: (submitted: QueryAnswer) => void;
  readonly onProgress?: (event: RunEvent) => void;
};

const seconds = (milliseconds: number): number => Math.round(milliseconds) / 1000;

export async function runQuery(
  client: KakehashiClient,
  study: Study,
  query: Json,
  { timeoutSeconds, signal, onPriced, onProgress }: RunQueryOptions = {},
): Promise<Answered> {
  const submitted = await client.submitQuery(study, query);
  onPriced?.(submitted);
  const began = performance.now();
  const stages: [string, number][] = [];
  const { run } = await client.run(submitted.query);
  const release = await client.waitForRelease(run, {
    study,
    asked: query,
    onProgress: (event) => {
      if (event.event === 'state') stages.push([event.state, performance.now()]);
      onProgress?.(event);
    },
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(signal === undefined ? {} : { signal }),
  });
  const ends = [...stages.slice(1).map(([, at]) => at), performance.now()];
  const timings = Object.fromEntries([
    ...stages
      .map(([state, at], i): [string, number] => [state, seconds((ends[i] ?? at) - at)])
      .filter(([state]) => state !== 'released'),
    ['total', seconds(performance.now() - began)],
  ]);
  return { submitted, run, release, timings };
}
