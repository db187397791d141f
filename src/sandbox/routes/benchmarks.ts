/**
 * GET /benchmarks, its script, its style and the results as JSON: what this version was published with, the same for
 * everybody. POST and GET /v1/self-test: for the operators of this sandbox.
 * @module
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { benchmarksPage } from '../benchmarks/page.ts';
import { type Results, ResultsShape } from '../benchmarks/results.ts';
import { HTML_TYPE } from '../media-types.ts';
import { PROBLEM_RESPONSES } from '../problem.ts';
import { SelfTestShape } from '../self-test/report.ts';
import type { SelfTest } from '../self-test/self-test.ts';
import { CLOSED } from './shapes.ts';

/** What a browser may do with the page: run its own script, and nothing else. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export type BenchmarkRoutesOptions = {
  /** Published runs, oldest first. */
  readonly published: readonly Results[];
  /** What the page loads, built beside this code. */
  readonly assets: { readonly script: string; readonly style: string };
  readonly selfTest: SelfTest;
};

const Published = Type.Object({ runs: Type.Array(ResultsShape) }, CLOSED);
const Text = { response: { 200: Type.String(), ...PROBLEM_RESPONSES } };
const Report = { response: { 200: SelfTestShape, ...PROBLEM_RESPONSES } };

export const benchmarkRoutes: FastifyPluginAsyncTypebox<BenchmarkRoutesOptions> = async (
  app,
  { published, assets, selfTest },
) => {
  const addresses = { script: '/benchmarks.js', style: '/benchmarks.css', inline: false };
  let page: string | undefined;
  app.get(
    '/benchmarks',
    { config: { operation: 'readBenchmarks' }, schema: Text },
    async (_request, reply) => {
      page ??= benchmarksPage(published, addresses);
      return reply.header('content-security-policy', POLICY).type(HTML_TYPE).send(page);
    },
  );
  app.get(
    '/benchmarks.js',
    { config: { operation: 'readBenchmarksScript' }, schema: Text },
    async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(assets.script),
  );
  app.get(
    '/benchmarks.css',
    { config: { operation: 'readBenchmarksStyle' }, schema: Text },
    async (_request, reply) => reply.type('text/css; charset=utf-8').send(assets.style),
  );
  app.get(
    '/benchmarks.json',
    {
      config: { operation: 'readBenchmarkResults' },
      schema: { response: { 200: Published, ...PROBLEM_RESPONSES } },
    },
    async () => ({ runs: [...published] }),
  );
  app.get('/v1/self-test', { config: { operation: 'readSelfTest' }, schema: Report }, async () =>
    selfTest.last(),
  );
  app.post('/v1/self-test', { config: { operation: 'runSelfTest' }, schema: Report }, async () =>
    selfTest.run(),
  );
};
