/**
 * The linkage format (kakehashi/linkage/1): which column of each table is what, which passes, and
 * who may match whom. Everything wrong is reported at once, with pointers; an unknown field is refused.
 *
 *     { "format": "kakehashi/linkage/1",
 *       "left":  { "id": "pid", "family": "nom", "given": "prenom", "birth": "naissance" },
 *       "right": { "id": "no", "family": "sei", "given": "mei", "birth": "birth", "encoding": "shift_jis" },
 *       "passes": [["family", "given", "birth"], ["name", "birth.yearMonth", "sex"]],
 *       "match": "one-to-one" }
 *
 * `passes` may be left out: then those of passes.ts that both tables have the columns for.
 * @module
 */
import { isPlainLine, pointerTo } from '../base/input.ts';
import type { MatchRule } from './cascade.ts';
import { FIELDS, type Field, isElement, type Pass, type Side } from './field.ts';
import { defaultPasses, isServed } from './passes.ts';
import { isObject, Reader } from './reader.ts';

const LINKAGE_FORMAT = 'kakehashi/linkage/1';
const LINKAGE_ENCODINGS = ['utf-8', 'utf-16', 'latin-1', 'windows-1252', 'shift_jis'] as const;
const MATCH_RULES = ['one-to-one', 'one-to-many', 'all'] as const;
const MOST_PASSES = 32;
const MOST_ELEMENTS = 12;
const LONGEST_COLUMN = 200;

type LinkageEncoding = (typeof LINKAGE_ENCODINGS)[number];

export type TableSpec = {
  readonly id: string;
  /** Field → name of its column. */
  readonly columns: ReadonlyMap<Field, string>;
  readonly encoding: LinkageEncoding;
};

export type LinkageSpec = {
  readonly left: TableSpec;
  readonly right: TableSpec;
  /** Undefined: the default passes for the columns that both tables have. */
  readonly passes: readonly Pass[] | undefined;
  readonly match: MatchRule;
};

/** Stands in for a table that is reported as missing already. */
const ABSENT = { id: '-', name: '-' };

function readColumn(reader: Reader, value: unknown, at: string): string {
  const name = reader.text(value, at).normalize('NFC').trim();
  if (typeof value === 'string' && !isPlainLine(name, LONGEST_COLUMN))
    reader.wrong(at, 'WRONG_FORMAT');
  return name;
}

function readTableSpec(reader: Reader, value: unknown, at: string): TableSpec {
  const table = reader.object(value, at, ['id', 'encoding', ...FIELDS], ['id']);
  const named = FIELDS.filter((field) => table[field] !== undefined);
  if (isObject(value) && named.length === 0) reader.wrong(at, 'TOO_FEW_ITEMS');
  const column = (name: string): string => readColumn(reader, table[name], pointerTo(at, name));
  return {
    id: column('id'),
    columns: new Map(named.map((field) => [field, column(field)])),
    encoding: reader.choice(table['encoding'], pointerTo(at, 'encoding'), LINKAGE_ENCODINGS),
  };
}

function readPass(reader: Reader, value: unknown, at: string): Pass {
  return reader.list(value, at, MOST_ELEMENTS).flatMap((name, i, names) => {
    const here = pointerTo(at, i);
    if (typeof name !== 'string') reader.wrong(here, 'WRONG_TYPE');
    else if (!isElement(name)) reader.wrong(here, 'UNKNOWN_VALUE');
    else if (names.indexOf(name) < i) reader.wrong(here, 'DUPLICATE_ELEMENT');
    else return [name];
    return [];
  });
}

const fieldSet = ({ columns }: TableSpec): ReadonlySet<Field> => new Set(columns.keys());

/** The elements that a table has no column for: a pass with one could never match. */
function checkServed(reader: Reader, passes: readonly Pass[], tables: readonly TableSpec[]): void {
  const fields = tables.map(fieldSet);
  passes.forEach((pass, i) => {
    pass.forEach((element, j) => {
      if (!isServed([element], ...fields))
        reader.wrong(pointerTo('/passes', i, j), 'UNKNOWN_COLUMN');
    });
  });
}

/** Reads a linkage document. Refuses with INVALID_PARAMETER and every error in it. */
export function parseLinkage(document: unknown): LinkageSpec {
  const reader = new Reader();
  const top = reader.object(
    document,
    '',
    ['format', 'left', 'right', 'passes', 'match'],
    ['format', 'left', 'right'],
  );
  reader.choice(top['format'], '/format', [LINKAGE_FORMAT]);
  const side = (name: Side): TableSpec => readTableSpec(reader, top[name] ?? ABSENT, `/${name}`);
  const [left, right] = [side('left'), side('right')];
  const match = reader.choice(top['match'], '/match', MATCH_RULES);
  const passes =
    top['passes'] === undefined
      ? undefined
      : reader
          .list(top['passes'], '/passes', MOST_PASSES)
          .map((pass, i) => readPass(reader, pass, pointerTo('/passes', i)));
  if (reader.clean) {
    if (passes !== undefined) checkServed(reader, passes, [left, right]);
    else if (defaultPasses(fieldSet(left), fieldSet(right)).length === 0)
      reader.wrong('/passes', 'MISSING_FIELD');
  }
  reader.finish();
  return { left, right, passes, match };
}

/** The fields of one side of a specification. */
export const fieldsOfSide = (spec: LinkageSpec, side: Side): ReadonlySet<Field> =>
  fieldSet(spec[side]);
