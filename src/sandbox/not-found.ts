/** What no route serves: another address is NOT_FOUND, another method METHOD_NOT_ALLOWED. @module */
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../base/errors.ts';
import { PROBLEM_TYPE } from './media-types.ts';
import { problemOf } from './problem.ts';

/** Whether `path` fits a route pattern such as `/v1/runs/:run/frames`. */
function fits(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((part, i) => part === given[i] || (part.startsWith(':') && given[i] !== ''))
  );
}

/** Must be registered before the routes. */
export function registerNotFound(app: FastifyInstance): void {
  const methods = new Map<string, string[]>();
  app.addHook('onRoute', ({ url, method }) => {
    methods.set(url, [...(methods.get(url) ?? []), ...(Array.isArray(method) ? method : [method])]);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = [...methods].filter(([url]) => fits(url, path)).flatMap(([, names]) => names);
    const code = allowed.length > 0 ? 'METHOD_NOT_ALLOWED' : 'NOT_FOUND';
    if (allowed.length > 0) void reply.header('allow', allowed.join(', '));
    const problem = problemOf(new Refusal(code, 'no route'), request.id);
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  });
}
