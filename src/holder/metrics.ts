/**
 * What a holder's operators count, served on the control socket: nothing of the data, nothing that
 * depends on a row, no study and no analyst.
 * @module
 */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export type HolderFacts = {
  readonly connected: () => boolean;
  /** Runs that this process works on or waits for. */
  readonly runs: () => number;
};

export type HolderMetrics = { readonly contentType: string; text(): Promise<string> };

export function holderMetrics({ connected, runs }: HolderFacts): HolderMetrics {
  const registry = new Registry();
  const gauge = (name: string, help: string, read: () => number): void => {
    const one: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      collect: () => one.set(read()),
    });
  };
  gauge('kakehashi_sandbox_connected', 'Whether the sandbox answered last.', () =>
    Number(connected()),
  );
  gauge('kakehashi_runs_open', 'Runs that are worked on or waited for.', runs);
  collectDefaultMetrics({ register: registry });
  return { contentType: registry.contentType, text: () => registry.metrics() };
}
