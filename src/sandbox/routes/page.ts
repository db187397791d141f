/**
 * Lists in pages, in the order of ids: a cursor is the last id of the page before, so a page does
 * not move when something is added.
 * @module
 */
import { type Static, type TSchema, Type } from 'typebox';
import { PROBLEM_RESPONSES } from '../problem.ts';
import { CLOSED, DigestText, StudyParams } from './shapes.ts';

/** Texts: a number in a query string is declared by its digits and read here. */
export const PageQuery = Type.Object(
  {
    cursor: Type.Optional(DigestText),
    limit: Type.Optional(Type.String({ pattern: '^(?:[1-9][0-9]?|1[0-9]{2}|200)$' })),
  },
  CLOSED,
);

export const Next = Type.Union([DigestText, Type.Null()]);

/** Of a route that lists what a study has. */
export const listOf = <Listed extends TSchema>(listed: Listed) => ({
  params: StudyParams,
  querystring: PageQuery,
  response: { 200: listed, ...PROBLEM_RESPONSES },
});

const USUAL = 50;

export type Page<T> = { readonly items: readonly T[]; readonly next: string | null };

/** `read` gives up to `limit` items behind an id, in the order of ids. */
export async function page<T extends { readonly id: string }>(
  { cursor = '', limit = String(USUAL) }: Static<typeof PageQuery>,
  read: (after: string, limit: number) => Promise<readonly T[]>,
): Promise<Page<T>> {
  const wanted = Number(limit);
  const found = await read(cursor, wanted + 1);
  const items = found.slice(0, wanted);
  const last = found.length > wanted ? items[wanted - 1] : undefined;
  return { items, next: last?.id ?? null };
}
