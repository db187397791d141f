/** /v1/studies/ID/columns: what a holder uploads encrypted, has summed, and has deleted. @module */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type Cbor, decodeCbor } from '../../base/codec.ts';
import { parseStrict } from '../../base/canonical-json.ts';
import { check, refuseAs } from '../../base/errors.ts';
import type { SignedManifest } from '../../flows/columns/manifest.ts';
import { type Access, principalOf } from '../access.ts';
import type { Columns, OpenRequest } from '../columns.ts';
import { PROBLEM_RESPONSES } from '../problem.ts';
import type { Studies } from '../studies.ts';
import { CLOSED, DigestText, StudyParams } from './shapes.ts';

const TableParams = Type.Object({ study: DigestText, table: DigestText }, CLOSED);
const Table = Type.Object({ table: DigestText });
const Stored = Type.Object({ batches: Type.Integer() });
const Listed = Type.Object({
  tables: Type.Array(
    Type.Object({
      table: DigestText,
      holder: Type.String(),
      blocks: Type.Integer(),
      columns: Type.Integer(),
      bytes: Type.Integer(),
      state: Type.String(),
      /** A list has no unknown fields: it was refused otherwise. */
      list: Type.Unknown(),
    }),
  ),
});
const Manifest = Type.Object(
  {
    manifest: Type.Object({ table: DigestText }),
    key: Type.String(),
    signature: Type.String({ maxLength: 128 }),
  },
  CLOSED,
);
const Erased = Type.Object({ ciphertexts: Type.Integer(), bytes: Type.Integer() });
/** Ciphertexts: no schema writes them. */
const Results = Type.Unsafe<Buffer>({});

const RESULT_TYPE = 'application/octet-stream';
const MOST_PRODUCTS = 64;

export type ColumnRoutesOptions = {
  readonly columns: Columns;
  readonly studies: Studies;
  readonly access: Access;
};

const bodyOf = ({ body }: FastifyRequest): Uint8Array => {
  check(body instanceof Uint8Array, 'UNSUPPORTED_MEDIA_TYPE', 'no bytes');
  return body;
};

/** [table, blocks, list as JSON, relinearisation key] */
const readOpening = (bytes: Uint8Array): OpenRequest =>
  refuseAs('MALFORMED_MESSAGE', 'opening of columns', () => {
    const parts = decodeCbor(bytes);
    check(Array.isArray(parts) && parts.length === 4, 'MALFORMED_MESSAGE', 'opening');
    const [table, blocks, list, relinearisation] = parts as readonly Cbor[];
    const shaped =
      typeof table === 'string' &&
      typeof blocks === 'number' &&
      typeof list === 'string' &&
      relinearisation instanceof Uint8Array;
    check(shaped, 'MALFORMED_MESSAGE', 'opening');
    return { table, blocks, list: parseStrict(list), relinearisation };
  });

/** Lists of one or two physical columns. */
function readProducts(bytes: Uint8Array): string[][] {
  const lists = decodeCbor(bytes);
  const bounded = Array.isArray(lists) && lists.length >= 1 && lists.length <= MOST_PRODUCTS;
  check(bounded, 'MALFORMED_MESSAGE', 'products');
  return (lists as readonly Cbor[]).map((ids) => {
    const texts = Array.isArray(ids) && ids.every((id) => typeof id === 'string');
    check(texts, 'MALFORMED_MESSAGE', 'products');
    return [...(ids as readonly string[])];
  });
}

export const columnRoutes: FastifyPluginAsyncTypebox<ColumnRoutesOptions> = async (
  app,
  { columns, studies, access },
) => {
  const holderOf = (request: FastifyRequest): string => access.holderName(principalOf(request));

  app.get(
    '/v1/studies/:study/columns',
    {
      config: { operation: 'listColumns' },
      schema: { params: StudyParams, response: { 200: Listed, ...PROBLEM_RESPONSES } },
    },
    async ({ params }) => ({ tables: await columns.list(await studies.get(params.study)) }),
  );

  app.post(
    '/v1/studies/:study/columns',
    {
      config: { operation: 'openColumns' },
      schema: { params: StudyParams, response: { 201: Table, ...PROBLEM_RESPONSES } },
    },
    async (request, reply) => {
      const study = await studies.get(request.params.study);
      await studies.checkOpen(study);
      const opening = readOpening(bodyOf(request));
      await columns.open(study, holderOf(request), opening);
      return reply.code(201).send({ table: opening.table });
    },
  );

  app.post(
    '/v1/studies/:study/columns/:table/batches',
    {
      config: { operation: 'storeColumns' },
      schema: { params: TableParams, response: { 200: Stored, ...PROBLEM_RESPONSES } },
    },
    async (request) => {
      const { study, table } = request.params;
      const holder = holderOf(request);
      return {
        batches: await columns.store(await studies.get(study), holder, table, bodyOf(request)),
      };
    },
  );

  app.post(
    '/v1/studies/:study/columns/:table/manifest',
    {
      config: { operation: 'completeColumns' },
      schema: {
        params: TableParams,
        body: Manifest,
        response: { 200: Table, ...PROBLEM_RESPONSES },
      },
    },
    async (request) => {
      const { study, table } = request.params;
      // The shape of the rest is that of what it is compared with.
      const signed = request.body as unknown as SignedManifest;
      check(signed.manifest.table === table, 'MALFORMED_MESSAGE', 'manifest of another table');
      await columns.complete(
        await studies.get(study),
        holderOf(request),
        signed,
        principalOf(request),
      );
      return { table };
    },
  );

  app.post(
    '/v1/studies/:study/columns/:table/sums',
    {
      config: { operation: 'sumColumns' },
      schema: {
        params: TableParams,
        response: { 200: Results, 202: Table, ...PROBLEM_RESPONSES },
      },
    },
    async (request, reply) => {
      const { study, table } = request.params;
      const products = readProducts(bodyOf(request));
      const results = await columns.sums(
        await studies.get(study),
        holderOf(request),
        table,
        products,
      );
      if (results === undefined) return reply.code(202).send({ table });
      return reply.code(200).type(RESULT_TYPE).send(Buffer.from(results));
    },
  );

  app.post(
    '/v1/studies/:study/columns/:table/erasure',
    {
      config: { operation: 'eraseColumns' },
      schema: { params: TableParams, response: { 200: Erased, ...PROBLEM_RESPONSES } },
    },
    async (request) => {
      const { study, table } = request.params;
      return columns.erase(await studies.get(study), holderOf(request), table);
    },
  );
};
