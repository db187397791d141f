/** The rows of DESIGN section 5 as data, and what is wrong with a graph that should keep to them. */
import { builtinModules } from 'node:module';
import type { Graph } from './source-tree.ts';

/** A folder of src imports from rows above its own; folders of one row do not import each other. */
export const ROWS: readonly (readonly string[])[] = [
  ['base'],
  ['kernels'],
  ['he', 'psi', 'linkage', 'dp', 'audit'],
  ['ledger', 'analysis'],
  ['cohort', 'study', 'image'],
  ['flows'],
  ['engine'],
  ['sandbox', 'holder', 'client', 'console'],
  ['cli'],
];

/** Node modules that reach no clock, disk, network or other process. */
const PURE_NODE = ['node:crypto', 'node:util', 'node:buffer'];

/**
 * What the inner rows may import from outside. A trailing * takes every package of a scope.
 * The outer rows are where the world is, so they have no entry here.
 */
export const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  base: [...PURE_NODE, '@noble/hashes', 'cborg', '@hpke/*', 'typebox'],
  // A binding reads its own .wasm file.
  kernels: [...PURE_NODE, 'node:fs', 'node:url', 'node:path'],
  he: [...PURE_NODE, '@noble/*', 'node-seal', 'paillier-bigint'],
  psi: [...PURE_NODE, '@noble/*'],
  linkage: [...PURE_NODE, '@noble/*', 'wanakana'],
  dp: [...PURE_NODE, '@noble/*'],
  audit: [...PURE_NODE, '@noble/*', 'typebox'],
  ledger: [],
  analysis: [],
  cohort: ['typebox'],
  study: ['typebox'],
  image: ['typebox'],
  // Every durable step publishes its name (DESIGN section 9, seams).
  flows: ['typebox', 'node:diagnostics_channel'],
};

const folderOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1];
const rowOf = (folder: string): number => ROWS.findIndex((row) => row.includes(folder));

/** `@scope/name` or `name` of a bare specifier; a built-in keeps its node: form. */
export function packageOf(specifier: string): string {
  const bare = specifier.replace(/^node:/, '');
  if (builtinModules.includes(bare)) return `node:${bare.split('/')[0] ?? bare}`;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

const isPath = (specifier: string): boolean => /^(?:src|test|bench|wasm|dist|\.)/.test(specifier);

/** Imports against the rows: upwards only, no siblings, every folder known. */
export function layerViolations(graph: Graph): string[] {
  const found: string[] = [];
  for (const [file, imports] of graph) {
    const from = folderOf(file);
    if (from === undefined || rowOf(from) < 0) {
      found.push(`${file} is in no row`);
      continue;
    }
    for (const target of imports.filter(isPath)) {
      const to = folderOf(target);
      if (to === undefined) found.push(`${file} imports ${target}, outside src`);
      else if (to !== from && rowOf(to) >= rowOf(from)) found.push(`${file} imports ${target}`);
    }
  }
  return found;
}

/** Packages outside the allowlist of their folder. */
export function packageViolations(graph: Graph): string[] {
  const found: string[] = [];
  for (const [file, imports] of graph) {
    const allowed = ALLOWED[folderOf(file) ?? ''];
    if (allowed === undefined) continue;
    for (const name of imports.filter((target) => !isPath(target)).map(packageOf)) {
      const scope = `${name.split('/')[0] ?? ''}/*`;
      if (!allowed.includes(name) && !allowed.includes(scope))
        found.push(`${file} imports ${name}`);
    }
  }
  return found;
}

/** One cycle of files, as the list of them, or undefined. */
export function cycle(graph: Graph): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const target of graph.get(file) ?? []) {
      const found = graph.has(target) ? visit(target) : undefined;
      if (found !== undefined) return found;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const found = visit(file);
    if (found !== undefined) return found;
  }
  return undefined;
}
