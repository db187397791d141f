/**
 * Paths into an openEHR composition (openEHR Architecture Overview, "Paths and Locators"; AQL,
 * "Node predicate"), as far as they choose values:
 *
 *     path      = "/" relative
 *     relative  = segment { "/" segment }
 *     segment   = attribute [ "[" predicate "]" ]
 *     predicate = node [ "," "'" name "'" ] { " and " relative "=" "'" text "'" }
 *
 * `node` is an at- or id-code or, at the root of an archetype, the archetype's id; `name` is short
 * for `name/value`. A condition inside a predicate may have predicates itself, for that is how one
 * laboratory result is told from another:
 *
 *     items[openEHR-EHR-CLUSTER.laboratory_test_analyte.v1 and
 *           items[at0024]/value/defining_code/code_string='4548-4']/items[at0001]/value
 *
 * @module
 */

export type PathSegment = {
  readonly attribute: string;
  /** `archetype_node_id`; any where it is not said. */
  readonly node?: string;
  readonly conditions: readonly PathCondition[];
};

export type PathCondition = { readonly path: ArchetypePath; readonly text: string };
export type ArchetypePath = readonly PathSegment[];

const ATTRIBUTE = /[a-z][a-z_]{0,63}/y;
const NODE = /[A-Za-z0-9_.-]{1,128}/y;
const AND = /\s+and\s+/y;
const COMMA = /\s*,\s*/y;
const EQUALS = /\s*=\s*/y;
const QUOTED = /'([^']{1,128})'/y;
const MOST_SEGMENTS = 40;
const DEEPEST = 4;

/** A text that is being read. Every read gives undefined where something else stands. */
class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match[1] ?? match[0];
  }

  skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }
}

const NAME: ArchetypePath = ['name', 'value'].map((attribute) => ({ attribute, conditions: [] }));

function readCondition(cursor: Cursor, depth: number): PathCondition | undefined {
  const path = readRelative(cursor, depth + 1);
  if (path === undefined || cursor.take(EQUALS) === undefined) return undefined;
  const text = cursor.take(QUOTED);
  return text === undefined ? undefined : { path, text };
}

/** What stands between the brackets, and the bracket behind it. */
function readPredicate(
  cursor: Cursor,
  depth: number,
): Pick<PathSegment, 'node' | 'conditions'> | undefined {
  const node = cursor.take(NODE);
  if (node === undefined) return undefined;
  const conditions: PathCondition[] = [];
  if (cursor.take(COMMA) !== undefined) {
    const name = cursor.take(QUOTED);
    if (name === undefined) return undefined;
    conditions.push({ path: NAME, text: name });
  }
  while (cursor.take(AND) !== undefined) {
    const condition = readCondition(cursor, depth);
    if (condition === undefined) return undefined;
    conditions.push(condition);
  }
  return cursor.skip(']') ? { node, conditions } : undefined;
}

function readRelative(cursor: Cursor, depth: number): ArchetypePath | undefined {
  if (depth > DEEPEST) return undefined;
  const segments: PathSegment[] = [];
  do {
    const attribute = cursor.take(ATTRIBUTE);
    if (attribute === undefined || segments.length === MOST_SEGMENTS) return undefined;
    const predicate = cursor.skip('[') ? readPredicate(cursor, depth) : { conditions: [] };
    if (predicate === undefined) return undefined;
    segments.push({ attribute, ...predicate });
  } while (cursor.skip('/'));
  return segments;
}

/** The path that `text` writes; undefined where it writes none. */
export function readArchetypePath(text: string): ArchetypePath | undefined {
  const cursor = new Cursor(text);
  if (!cursor.skip('/')) return undefined;
  const path = readRelative(cursor, 0);
  return path !== undefined && cursor.isAtEnd ? path : undefined;
}
