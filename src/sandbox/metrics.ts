/**
 * Totals for operators, in Prometheus' text format. Names and labels are stable, and coarse: an
 * operation, a class of status, a code; never a study, a key, a holder, a size or a value
 * (rulings 13). What an operator must not learn is not counted.
 * @module
 */
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ErrorCode } from '../base/errors.ts';
import type { SelfTestReport } from './self-test/report.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];

export type Gauges = {
  /** Runs that have not ended. */
  readonly runs: () => number;
  readonly eventStreams: () => number;
  /** The last self-test, where one has run. */
  readonly selfTest: () => SelfTestReport | undefined;
};

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: 'kakehashi_requests_total',
    help: 'Requests answered, by operation and class of status.',
    labelNames: ['operation', 'status'],
    registers: [this.#registry],
  });
  readonly #seconds = new Histogram({
    name: 'kakehashi_request_seconds',
    help: 'Time to the end of an answer, by operation.',
    labelNames: ['operation'],
    buckets: SECONDS,
    registers: [this.#registry],
  });
  readonly #refusals = new Counter({
    name: 'kakehashi_refusals_total',
    help: 'Refusals, by code.',
    labelNames: ['code'],
    registers: [this.#registry],
  });

  constructor(gauges: Gauges, options: { readonly process: boolean }) {
    this.#gauge('kakehashi_runs_unfinished', 'Runs that have not ended.', gauges.runs);
    this.#gauge('kakehashi_event_streams', 'Open event streams.', gauges.eventStreams);
    this.#byCase(
      'kakehashi_self_test_seconds',
      'Time of one call in the last self-test, by case.',
      gauges.selfTest,
      ({ us }) => us / 1e6,
    );
    this.#byCase(
      'kakehashi_self_test_slow',
      '1 where a case of the last self-test was slower than expected on this machine.',
      gauges.selfTest,
      ({ verdict }) => (verdict === 'slow' ? 1 : 0),
    );
    if (options.process) collectDefaultMetrics({ register: this.#registry });
  }

  #gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect: () => gauge.set(read()),
    });
  }

  /** A gauge with a value for each case of the last self-test; none before the first. */
  #byCase(
    name: string,
    help: string,
    report: Gauges['selfTest'],
    value: (entry: SelfTestReport['cases'][number]) => number,
  ): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: ['case'],
      registers: [this.#registry],
      collect: () => {
        for (const entry of report()?.cases ?? []) gauge.set({ case: entry.case }, value(entry));
      },
    });
  }

  refused(code: ErrorCode): void {
    this.#refusals.inc({ code });
  }

  watch(app: FastifyInstance): void {
    app.addHook('onResponse', async (request, reply) => {
      // An address that is not served is nobody's label.
      const operation = request.routeOptions.config.operation ?? 'none';
      const status = `${String(reply.statusCode)[0] ?? ''}xx`;
      this.#requests.inc({ operation, status });
      this.#seconds.observe({ operation }, reply.elapsedTime / 1000);
    });
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}
