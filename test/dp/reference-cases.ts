/**
 * Published and derived expected values of the shared data, by function name; none where it is
 * absent.
 */
import { readFileSync } from 'node:fs';
import { sharedData } from '../support/shared-data.ts';

export type ReferenceCase = {
  readonly id: string;
  readonly fn: string;
  readonly input: Readonly<Record<string, number>>;
  readonly expected: number;
  readonly tol: {
    readonly abs?: number;
    readonly rel?: number;
    readonly range?: readonly [number, number];
  };
};

const path = sharedData('dp/dp-cases.json');

/** Every case, in the order of the file. */
export const allCases: readonly ReferenceCase[] =
  path === undefined
    ? []
    : (JSON.parse(readFileSync(path, 'utf8')) as { cases: ReferenceCase[] }).cases;

export const referenceCases = (fn: string): ReferenceCase[] =>
  allCases.filter((each) => each.fn === fn);

export const within = (actual: number, { expected, tol }: ReferenceCase): boolean =>
  tol.range === undefined
    ? Math.abs(actual - expected) <= (tol.abs ?? (tol.rel ?? 0) * Math.abs(expected))
    : actual >= tol.range[0] && actual <= tol.range[1];
