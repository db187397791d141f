/**
 * The API document: as committed, as served, and true. After a change of the API on purpose:
 * `npx vitest run --config .config/vitest.config.ts test/sandbox/openapi.test.ts -u`.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { describe, expect, test } from 'vitest';
import { ACCESS, type OperationId } from '../../src/sandbox/access-table.ts';
import { OPERATIONS } from '../../src/sandbox/operations.ts';
import { sharedLab } from './sandbox-lab.ts';

type Shape = { readonly [member: string]: unknown };
type Described = {
  readonly operationId: OperationId;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly { name: string; in: string; required: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: Shape }>> };
  readonly responses: Readonly<
    Record<string, { description: string; content: Readonly<Record<string, { schema: Shape }>> }>
  >;
};
type Document = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Shape>> };
};

const lab = sharedLab();
const served = async () => (await lab.app.inject({ method: 'GET', url: '/openapi.json' })).body;
const document = async () => JSON.parse(await served()) as Document;
const operations = async () =>
  Object.entries((await document()).paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, operation]) => ({ path, verb, operation })),
  );

test('the committed document is the one that is served', async () => {
  const text = `${JSON.stringify(JSON.parse(await served()), null, 1)}\n`;
  await expect(text).toMatchFileSnapshot('../../src/sandbox/openapi.json');
});

describe('it says of every route', () => {
  test('what may be asked, once', async () => {
    const ids = (await operations()).map(({ operation }) => operation.operationId);
    deepStrictEqual([...ids].sort(), Object.keys(ACCESS).sort());
    strictEqual((await document()).openapi, '3.1.0');
  });

  test('what it is, which ids its address has, and what it answers', async () => {
    for (const { path, operation } of await operations()) {
      const { operationId, summary, description, parameters, responses } = operation;
      ok(summary.length > 3 && !summary.endsWith('.'), operationId);
      ok(description.length > 20 && description.endsWith('.'), operationId);
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = parameters.filter((one) => one.in === 'path');
      deepStrictEqual(
        declared.map(({ name }) => name),
        named,
      );
      ok(declared.every(({ required }) => required));
      const statuses = Object.keys(responses);
      ok(
        statuses.some((status) => /^[23]/.test(status)),
        operationId,
      );
      for (const refused of ['4XX', '5XX']) {
        deepStrictEqual(responses[refused]?.content['application/problem+json']?.schema, {
          $ref: '#/components/schemas/Problem',
        });
      }
    }
  });

  test('nothing leaves as JSON that no schema names', async () => {
    for (const { operation } of await operations()) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        const schema = content['application/json']?.schema;
        if (schema === undefined) continue;
        const closed = '$ref' in schema || 'properties' in schema;
        ok(closed || operation.operationId === 'readApi', `${operation.operationId} ${status}`);
      }
    }
  });

  test('every reference has its shape', async () => {
    const { components } = await document();
    const named = [...(await served()).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
    ok(named.length > 10);
    for (const [, name = ''] of named) ok(components.schemas[name] !== undefined, name);
  });
});

test('words and table are of the same operations', () => {
  deepStrictEqual(Object.keys(OPERATIONS).sort(), Object.keys(ACCESS).sort());
});
