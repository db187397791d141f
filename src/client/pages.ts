/** A list that comes page by page, in the order of ids. @module */
import { check } from '../base/errors.ts';

/** All items. A cursor that goes back is refused, so that a sandbox cannot send us round for ever. */
export async function allPages<Page, Item>(
  read: (search: string) => Promise<Page>,
  itemsOf: (page: Page) => readonly Item[],
): Promise<Item[]> {
  const all: Item[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page = await read(`?limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`);
    all.push(...itemsOf(page));
    const { next } = page as { readonly next: string | null };
    check(next === null || next > cursor, 'SANDBOX_RESPONSE', 'cursor goes back');
    cursor = next;
  }
  return all;
}
