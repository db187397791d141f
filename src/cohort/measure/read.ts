/** Reads `measures` of a query. @module */
import { canonicalJson } from '../../base/canonical-json.ts';
import type { NamedChoice } from '../inside/choice.ts';
import { isPlainLine, pointerTo } from '../../base/input.ts';
import { MEASURE_KINDS } from './kinds.ts';
import type { MeasureContext, ReadMeasure } from './measure.ts';

export type NamedMeasure = ReadMeasure & { readonly name: string };

type Named = NamedMeasure | NamedChoice;

export const isChoice = (measure: Named): measure is NamedChoice => 'choice' in measure;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One measure: a name and exactly one member that says what. */
function readMeasure(node: unknown, at: string, context: MeasureContext): Named | undefined {
  const { report } = context;
  if (!isObject(node)) {
    report(at, 'WRONG_TYPE');
    return undefined;
  }
  const keys = Object.keys(node).filter((key) => key !== 'name');
  const kinds = MEASURE_KINDS.filter(({ key }) => keys.includes(key));
  const known = new Set<string>(kinds.map(({ key }) => key));
  for (const key of keys) if (!known.has(key)) report(pointerTo(at, key), 'UNKNOWN_FIELD');
  const { name } = node;
  const named = typeof name === 'string' && isPlainLine(name, 64);
  if (name === undefined) report(pointerTo(at, 'name'), 'MISSING_FIELD');
  else if (!named) report(pointerTo(at, 'name'), 'WRONG_FORMAT');
  const [kind, ...others] = kinds;
  if (kind === undefined || others.length > 0) {
    report(at, kind === undefined ? 'MISSING_FIELD' : 'ONE_MEASURE_EACH');
    return undefined;
  }
  const read = kind.read(node[kind.key], pointerTo(at, kind.key), context);
  return read === undefined || !named ? undefined : { ...read, name };
}

export function readMeasures(nodes: readonly unknown[], context: MeasureContext): Named[] {
  const names = new Set<string>();
  const forms = new Set<string>();
  return nodes.flatMap((node, i) => {
    const at = pointerTo('/measures', i);
    const measure = readMeasure(node, at, context);
    if (measure === undefined) return [];
    const form = canonicalJson(measure.form);
    // The same measure under two names would be paid for twice.
    if (forms.has(form)) context.report(at, 'DUPLICATE_MEASURE');
    if (names.has(measure.name)) context.report(pointerTo(at, 'name'), 'DUPLICATE_NAME');
    forms.add(form);
    names.add(measure.name);
    return [measure];
  });
}
