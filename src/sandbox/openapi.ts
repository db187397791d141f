/**
 * The API as an OpenAPI 3.1 document, made from the schemas that requests and answers are checked
 * against, from what `operations.ts` says and from who `access-table.ts` lets. Nothing is written
 * twice, so nothing can drift; the committed copy is compared by a test.
 * @module
 */
import type { FastifyInstance, RouteOptions } from 'fastify';
import type { TSchema } from 'typebox';
import { isDeepStrictEqual } from 'node:util';
import { type OperationId, ruleOf } from './access-table.ts';
import { JSON_TYPE, PROBLEM_TYPE } from './media-types.ts';
import { OPERATIONS, takes } from './operations.ts';
import { ProblemDocument } from './problem.ts';
import { PriceShape } from '../engine/transport/answer-shapes.ts';
import { ReleaseShape } from './routes/release-shape.ts';

type Node = { readonly [member: string]: unknown };

const DESCRIPTION = `What an analyst, a steward, a holder, an auditor and the operators of a sandbox may ask of it.

Every request but those under "service" that say otherwise carries a token that its sender signed with
its own Ed25519 key, for this one request: a JWT with the header {"alg": "EdDSA", "kid": "ed25519:...", "typ":
"kakehashi-request+jwt"} and the claims htm (method), htu (path and query), bh (SHA-256 of the body, base64url),
iat, exp (at most 60 s later) and jti (16 random bytes). Refusals are RFC 9457 documents with a code of their own.
Amounts are exact fractions in lowest terms.`;

/** Shapes that have a name in the document. */
const NAMED: readonly (readonly [string, TSchema])[] = [
  ['Problem', ProblemDocument],
  ['Price', PriceShape],
  ['Release', ReleaseShape],
];

const plain = (schema: unknown): Node => JSON.parse(JSON.stringify(schema)) as Node;

/** Named shapes by reference, wherever they stand. */
function referring(value: unknown): unknown {
  const named = NAMED.find(([, shape]) => isDeepStrictEqual(plain(shape), value));
  if (named !== undefined) return { $ref: `#/components/schemas/${named[0]}` };
  return below(value);
}

function below(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(referring);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, referring(one)]));
}

const shape = (schema: unknown): unknown => referring(plain(schema));

const CODES: Readonly<Record<string, string>> = {
  '200': 'The answer.',
  '201': 'Created, or there already.',
  '202': 'Accepted.',
  '302': 'To the issuer.',
  '4xx': 'Refused: the request must be changed.',
  '5xx': 'Refused: the same request may be answered later.',
};

/** Beside those of every answer. */
const HEADERS: Partial<Record<OperationId, Node>> = {
  createStudy: { location: 'Where the study is.' },
  amendStudy: { location: 'Where the study is.' },
  createQuery: { location: 'Where the query is.' },
  startRun: { location: 'Where the run is.' },
  readInbox: { 'kakehashi-cursor': 'The position of the last frame.' },
  sendRecord: {
    'kakehashi-epoch': 'Of the records of this run: they do not outlive the process that has them.',
  },
  readRecords: {
    'kakehashi-epoch': 'Of the records of this run: they do not outlive the process that has them.',
  },
};

function parameters(place: 'path' | 'query' | 'header', schema: unknown): Node[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = plain(schema) as {
    readonly properties?: Node;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: one,
  }));
}

function responses(operation: OperationId, response: unknown): Node {
  const entries = Object.entries(response as Node).map(([status, schema]) => {
    const refused = /^[45]/.test(status);
    const success = status === '200' ? (OPERATIONS[operation].gives ?? JSON_TYPE) : JSON_TYPE;
    const said = Object.entries(HEADERS[operation] ?? {}).map(([name, description]) => [
      name,
      { description, schema: { type: 'string' } },
    ]);
    return [
      status.toUpperCase(),
      {
        description: CODES[status],
        ...(refused || said.length === 0 ? {} : { headers: Object.fromEntries(said) as Node }),
        content: { [refused ? PROBLEM_TYPE : success]: { schema: shape(schema) } },
      },
    ];
  });
  return Object.fromEntries(entries) as Node;
}

function describe(operation: OperationId, schema: Node): Node {
  const { tag, summary, description } = OPERATIONS[operation];
  const { of, roles, reads } = ruleOf(operation);
  const media = takes(operation);
  const bodied = schema['body'] !== undefined || media !== JSON_TYPE;
  return {
    operationId: operation,
    tags: [tag],
    summary,
    description,
    ...(of === 'public' ? { security: [] } : {}),
    ...(reads === true ? { security: [{ request: [] }, { session: [] }] } : {}),
    'x-kakehashi-access': { of, roles },
    parameters: [
      ...parameters('path', schema['params']),
      ...parameters('query', schema['querystring']),
      ...parameters('header', schema['headers']),
    ],
    ...(bodied
      ? { requestBody: { content: { [media]: { schema: shape(schema['body'] ?? {}) } } } }
      : {}),
    responses: responses(operation, schema['response']),
  };
}

/** Collects the routes that are registered from now on; the result makes the document of them. */
export function collectRoutes(app: FastifyInstance): () => Node {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => void routes.push(route));
  return () => {
    const paths: Record<string, Record<string, Node>> = {};
    for (const { url, method, schema, config } of routes) {
      const operation = config?.operation;
      if (operation === undefined) continue;
      const path = url.replace(/:(\w+)/g, '{$1}');
      const verb = String(method).toLowerCase();
      paths[path] = { ...paths[path], [verb]: describe(operation, schema as unknown as Node) };
    }
    return {
      openapi: '3.1.0',
      info: { title: 'Kakehashi sandbox', version: 'v1', description: DESCRIPTION },
      security: [{ request: [] }],
      paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
      components: {
        securitySchemes: {
          request: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          session: { type: 'apiKey', in: 'cookie', name: '__Host-kakehashi-session' },
        },
        schemas: Object.fromEntries(NAMED.map(([name, one]) => [name, below(plain(one))])),
      },
    };
  };
}
