/** A route refuses and writes by its schemas as Fastify's own would, though they are compiled at the first request. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import Fastify from 'fastify';
import { describe, test } from 'vitest';
import { COMPILED_WHEN_USED } from '../../../src/engine/transport/route-schemas.ts';

const number = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };

function server(options: object, body: object = number) {
  const app = Fastify({ ...options, logger: false });
  app.post('/', { schema: { body, response: { 200: number } } }, async (request) => ({
    ...(request.body as object),
    secret: 'not in the schema',
  }));
  return app;
}

describe('a request that', () => {
  test.each([
    ['fits', { n: 1 }],
    ['fits not', { n: 'one' }],
    ['has nothing', {}],
  ])('%s is answered as by a server without', async (_, payload) => {
    const answers = [{}, { schemaController: COMPILED_WHEN_USED }].map(async (options) => {
      const app = server(options);
      const first = await app.inject({ method: 'POST', url: '/', payload });
      const second = await app.inject({ method: 'POST', url: '/', payload });
      strictEqual(second.payload, first.payload);
      return [first.statusCode, first.payload];
    });
    const [usual, ours] = await Promise.all(answers);
    deepStrictEqual(ours, usual);
  });
});

test('a schema that is none is found at the first request, not before', async () => {
  const app = server({ schemaController: COMPILED_WHEN_USED }, { type: 'no such type' });
  await app.ready();
  const answer = await app.inject({ method: 'POST', url: '/', payload: { n: 1 } });
  strictEqual(answer.statusCode, 500);
  match(answer.payload, /type/);
});
