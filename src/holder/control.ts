/**
 * What a holder's own staff asks its running process: `control.sock` in the data directory, mode
 * 0600 (DESIGN section 9, "Staff access"). The file mode is the authentication; nothing here is
 * reachable from another machine.
 * @module
 */
import { chmod, rm } from 'node:fs/promises';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Json } from '../base/canonical-json.ts';
import { PUBLIC_MESSAGE, asRefusal } from '../base/errors.ts';
import { DIGEST_PATTERN } from '../base/hash.ts';
import { ENCODINGS } from '../engine/duckdb/text-encoding.ts';
import { COMPILED_WHEN_USED } from '../engine/transport/route-schemas.ts';
import { budgetControl } from './budget-control.ts';
import { columnsControl } from './columns-control.ts';
import type { ColumnsDesk } from './columns-desk.ts';
import type { HolderDesk } from './desk.ts';
import type { UploadsDesk } from './uploads-desk.ts';
import type { HolderMetrics } from './metrics.ts';

const StudyParams = Type.Object({ study: Type.String({ pattern: DIGEST_PATTERN.source }) });
const DisclosedQuery = Type.Object(
  { run: Type.Optional(Type.String({ pattern: DIGEST_PATTERN.source })) },
  { additionalProperties: false },
);
const CohortBody = Type.Object(
  {
    study: Type.String({ pattern: DIGEST_PATTERN.source }),
    files: Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), {
      minItems: 1,
      maxItems: 64,
    }),
    encoding: Type.Optional(Type.Enum([...ENCODINGS])),
    keepUntil: Type.Optional(Type.String({ minLength: 10, maxLength: 10 })),
  },
  { additionalProperties: false },
);
const WithdrawalBody = Type.Object(
  { file: Type.String({ minLength: 1, maxLength: 4096 }) },
  { additionalProperties: false },
);
/** Staff of the holder may see everything the desk answers, so the shape is the desk's own. */
const Answer = Type.Record(Type.String(), Type.Unknown());

/** Listens on `socket`; a stale file of a process that died is replaced. */
export async function listenControl(
  socket: string,
  desk: HolderDesk,
  columns?: ColumnsDesk,
  metrics?: HolderMetrics,
  uploads?: UploadsDesk,
): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: 1 << 20,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } },
    schemaController: COMPILED_WHEN_USED,
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setErrorHandler((error: Error & { validation?: unknown }, request, reply) => {
    const refusal = asRefusal(error);
    const code =
      refusal.code === 'INTERNAL' && error.validation !== undefined
        ? 'INVALID_PARAMETER'
        : refusal.code;
    return reply
      .code(code === 'INTERNAL' ? 500 : 409)
      .type('application/problem+json')
      .send({
        type: `urn:kakehashi:problem:${code}`,
        title: PUBLIC_MESSAGE[code],
        status: reply.statusCode,
        instance: request.id,
        // The asker is the holder's own staff at its own machine: it may read the detail.
        reason: refusal.detail,
        ...refusal.fields,
      });
  });

  const answer = { response: { 200: Answer } };
  app.get('/v1/status', { schema: answer }, () => desk.status());
  app.get('/v1/ledger', { schema: answer }, () => desk.ledger());
  app.get('/v1/studies/:study/ledger', { schema: { params: StudyParams, ...answer } }, (request) =>
    desk.ledger(request.params.study),
  );
  app.post('/v1/studies/:study/stop', { schema: { params: StudyParams, ...answer } }, (request) =>
    desk.stop(request.params.study),
  );
  app.post(
    '/v1/studies',
    { bodyLimit: 1 << 24, schema: { body: Type.Unknown(), ...answer } },
    ({ body }) =>
      // Checked by what reads it (study/signatures.ts).
      desk.takeStudy(body as Json),
  );
  app.post('/v1/cohorts', { schema: { body: CohortBody, ...answer } }, ({ body }) =>
    desk.loadCohort(body.study, body.files, {
      ...(body.encoding !== undefined && { encoding: body.encoding }),
      ...(body.keepUntil !== undefined && { keepUntil: body.keepUntil }),
    }),
  );
  app.post('/v1/withdrawals', { schema: { body: WithdrawalBody, ...answer } }, ({ body }) =>
    desk.withdraw(body.file),
  );
  app.post(
    '/v1/studies/:study/cohort-deletion',
    { schema: { params: StudyParams, ...answer } },
    ({ params }) => desk.deleteCohort(params.study),
  );
  app.get(
    '/v1/studies/:study/disclosures',
    { schema: { params: StudyParams, ...answer } },
    ({ params }) => desk.disclosures(params.study),
  );
  app.get(
    '/v1/studies/:study/disclosed',
    { schema: { params: StudyParams, querystring: DisclosedQuery, ...answer } },
    ({ params, query }) => desk.disclosed(params.study, query.run),
  );

  if (uploads !== undefined) {
    app.get(
      '/v1/studies/:study/uploads',
      { schema: { params: StudyParams, ...answer } },
      ({ params }) => uploads.list(params.study),
    );
  }
  if (metrics !== undefined) {
    app.get('/metrics', async (_request, reply) =>
      reply.type(metrics.contentType).send(await metrics.text()),
    );
  }
  void app.register(budgetControl(desk.budget));
  if (columns !== undefined) void app.register(columnsControl(columns));
  await rm(socket, { force: true });
  await app.listen({ path: socket });
  await chmod(socket, 0o600);
  return app;
}
