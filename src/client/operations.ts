/**
 * What the client calls, and what it needs of each answer. A test holds this against the API
 * document of the sandbox, so that neither changes without the other.
 * @module
 */
import type { TSchema } from 'typebox';
import { BudgetShape, PriceShape } from '../engine/transport/answer-shapes.ts';
import type { Method } from '../engine/transport/signed-request.ts';
import {
  AmendedStudy,
  LogCheckpoints,
  LogEntries,
  LogStatements,
  QueryAnswer,
  QueryPage,
  RunAnswer,
  RunPage,
  StartedRun,
  StudyAnswer,
  StudyPage,
  SubmittedStudy,
} from './answers.ts';
import { ReleaseAnswer } from './release.ts';

export type Operation<Answer extends TSchema = TSchema> = {
  readonly method: Method;
  /** With `{name}` where an id goes. */
  readonly path: string;
  readonly status: number;
  readonly answer: Answer;
};

const get = <Answer extends TSchema>(path: string, answer: Answer): Operation<Answer> => ({
  method: 'GET',
  path,
  status: 200,
  answer,
});

const post = <Answer extends TSchema>(
  path: string,
  status: number,
  answer: Answer,
): Operation<Answer> => ({ method: 'POST', path, status, answer });

export const OPERATIONS = {
  createStudy: post('/v1/studies', 201, SubmittedStudy),
  amendStudy: post('/v1/studies/{study}/amendments', 201, AmendedStudy),
  listStudies: get('/v1/studies', StudyPage),
  readStudy: get('/v1/studies/{study}', StudyAnswer),
  readBudget: get('/v1/studies/{study}/budget', BudgetShape),
  priceQuery: post('/v1/studies/{study}/price', 200, PriceShape),
  createQuery: post('/v1/queries', 201, QueryAnswer),
  listQueries: get('/v1/studies/{study}/queries', QueryPage),
  readQuery: get('/v1/queries/{query}', QueryAnswer),
  startRun: post('/v1/queries/{query}/runs', 202, StartedRun),
  listRuns: get('/v1/studies/{study}/runs', RunPage),
  readRun: get('/v1/runs/{run}', RunAnswer),
  readLogEntries: get('/v1/studies/{study}/log/entries', LogEntries),
  readLogCheckpoints: get('/v1/studies/{study}/log/checkpoints', LogCheckpoints),
  readStatements: get('/v1/studies/{study}/log/statements', LogStatements),
  readRelease: get('/v1/runs/{run}/release', ReleaseAnswer),
};

/** Read as a stream, event by event (run-events.ts). */
export const RUN_EVENTS = { method: 'GET', path: '/v1/runs/{run}/events' } as const;

/** The path with its ids in place. */
export const pathOf = (path: string, ids: Readonly<Record<string, string>>): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids[name] ?? ''));
