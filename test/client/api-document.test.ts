/** The client asks what the API document offers, and reads nothing that it does not promise. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { OPERATIONS, pathOf, RUN_EVENTS } from '../../src/client/operations.ts';

type Shape = {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly required?: readonly string[];
};
type Described = {
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: Shape }>> }>
  >;
};
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Shape>> };
};

const FILE = path.resolve(import.meta.dirname, '../../src/sandbox/openapi.json');
const document = JSON.parse(readFileSync(FILE, 'utf8')) as Document;

const resolved = (shape: Shape): Shape =>
  shape.$ref === undefined
    ? shape
    : (document.components.schemas[shape.$ref.split('/').at(-1) ?? ''] ?? {});

const anything = (shape: Shape): boolean =>
  Object.keys(shape).length === 0 || (Object.keys(shape).length === 1 && 'description' in shape);

/** Values of a map: `additionalProperties`, or TypeBox's record. */
const values = (shape: Shape): Shape | undefined => {
  const open = shape.additionalProperties;
  if (typeof open === 'object') return open;
  return Object.values(shape.patternProperties ?? {})[0];
};

/** Where `given` may say something that `wanted` does not take. */
function gaps(wanted: Shape, given: Shape, at = ''): string[] {
  const [want, have] = [resolved(wanted), resolved(given)];
  if (anything(want)) return [];
  if (have.anyOf !== undefined) return have.anyOf.flatMap((one) => gaps(want, one, at));
  if (want.anyOf !== undefined) {
    const fits = want.anyOf.some((one) => gaps(one, have, at).length === 0);
    return fits ? [] : [`${at}: none of the alternatives`];
  }
  const choices = have.enum ?? ('const' in have ? [have.const] : undefined);
  const taken = want.enum ?? ('const' in want ? [want.const] : undefined);
  if (taken !== undefined) {
    const known = choices !== undefined && choices.every((one) => taken.includes(one));
    return known ? [] : [`${at}: another value`];
  }
  const numeric = want.type === 'number' && have.type === 'integer';
  const type =
    have.type ?? (choices?.every((one) => typeof one === 'string') ? 'string' : undefined);
  if (want.type !== undefined && want.type !== type && !numeric) {
    return [`${at}: ${String(type)} for ${want.type}`];
  }
  const here = [
    ...(want.pattern !== undefined && want.pattern !== have.pattern ? [`${at}: pattern`] : []),
    ...(want.minimum !== undefined && !((have.minimum ?? -Infinity) >= want.minimum)
      ? [`${at}: minimum`]
      : []),
  ];
  if (want.items !== undefined) here.push(...gaps(want.items, have.items ?? {}, `${at}/*`));
  const each = values(want);
  if (each !== undefined) here.push(...gaps(each, values(have) ?? {}, `${at}/*`));
  for (const [name, shape] of Object.entries(want.properties ?? {})) {
    const told = have.properties?.[name];
    const needed = want.required?.includes(name) === true;
    if (told === undefined) {
      if (needed) here.push(`${at}/${name}: never said`);
      continue;
    }
    if (needed && have.required?.includes(name) !== true)
      here.push(`${at}/${name}: not always said`);
    here.push(...gaps(shape, told, `${at}/${name}`));
  }
  return here;
}

describe('controls: a gap is found', () => {
  const said: Shape = {
    type: 'object',
    required: ['a'],
    properties: { a: { type: 'string' }, b: { type: 'integer', minimum: 0 } },
  };
  const cases: Record<string, [Shape, string[]]> = {
    'never said': [
      { type: 'object', required: ['c'], properties: { c: { type: 'string' } } },
      ['/c: never said'],
    ],
    'not always said': [
      { type: 'object', required: ['b'], properties: { b: { type: 'number' } } },
      ['/b: not always said'],
    ],
    'another type': [
      { type: 'object', properties: { a: { type: 'integer' } } },
      ['/a: string for integer'],
    ],
    'a narrower text': [
      { type: 'object', properties: { a: { type: 'string', pattern: '^x$' } } },
      ['/a: pattern'],
    ],
    'a value that is not known': [
      { type: 'object', properties: { a: { enum: ['x'] } } },
      ['/a: another value'],
    ],
    'a list for a text': [{ type: 'array', items: { type: 'string' } }, [': object for array']],
    nothing: [said, []],
  };
  for (const [name, [wanted, found]] of Object.entries(cases)) {
    test(name, () => deepStrictEqual(gaps(wanted, said), found));
  }
});

describe('what the client calls is there, and answers what it reads', () => {
  for (const [name, { method, path: at, status, answer }] of Object.entries(OPERATIONS)) {
    test(name, () => {
      const operation = document.paths[at]?.[method.toLowerCase()];
      ok(operation !== undefined, `${method} ${at}`);
      const given = operation.responses[String(status)]?.content['application/json']?.schema;
      ok(given !== undefined, String(status));
      const wanted = JSON.parse(JSON.stringify(answer)) as Shape;
      deepStrictEqual(gaps(wanted, given), []);
    });
  }

  test('events', () => {
    const operation = document.paths[RUN_EVENTS.path]?.['get'];
    ok(operation?.responses['200']?.content['text/event-stream'] !== undefined);
  });

  test('every operation of the document is called, or is no analyst’s', () => {
    const called = new Set(
      [...Object.values(OPERATIONS), RUN_EVENTS].map((one) => `${one.method} ${one.path}`),
    );
    const rest = Object.entries(document.paths)
      .flatMap(([at, verbs]) => Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${at}`))
      .filter((one) => !called.has(one));
    const others =
      /^(?:GET \/v1\/(?:inbox|sent)|POST \/v1\/runs\/\{run\}\/frames|\w+ \/v1\/runs\/\{run\}\/records\/\{party\}|\w+ \/v1\/runs\/\{run\}\/uploads.*|\w+ \/v1\/studies\/\{study\}\/(?:columns|images|uploads).*|\w+ \/v1\/self-test|\w+ \/v1\/sign-.*|GET \/v1\/studies\/\{study\}\/log(?:\/(?:consistency|inclusion))?|GET \/(?:benchmarks(?:\.\w+)?|livez|readyz|openapi\.json|metrics))$/;
    deepStrictEqual(
      rest.filter((one) => !others.test(one)),
      [],
    );
  });
});

test('an id cannot leave its place in a path', () => {
  deepStrictEqual(
    pathOf('/v1/runs/{run}/release', { run: '../studies?x#y' }),
    '/v1/runs/..%2Fstudies%3Fx%23y/release',
  );
});
