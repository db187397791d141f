/** What a parsed JSON document of somebody else may have at a place, without believing it. @module */

export type Node = Readonly<Record<string, unknown>>;

/** The object at a place; undefined for anything else. */
export const nodeAt = (value: unknown): Node | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Node)
    : undefined;

/** The members of a list; none where there is no list. */
export const listAt = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The objects of a list. */
export const nodesAt = (value: unknown): readonly Node[] =>
  listAt(value)
    .map(nodeAt)
    .filter((node) => node !== undefined);

/** A text that is not empty. */
export const textAt = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length > 0 ? value : undefined;

/** A number, a truth value or a text as the text of a field. */
export const scalarAt = (value: unknown): string | undefined =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : textAt(value);

/** The object that a line of JSON holds; undefined where it is something else or no JSON. */
export function parsedNode(text: string): Node | undefined {
  try {
    return nodeAt(JSON.parse(text));
  } catch {
    return undefined;
  }
}
