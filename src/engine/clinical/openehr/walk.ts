/** What an archetype path finds in a composition. @module */
import type { ArchetypePath, PathSegment } from '../../../cohort/archetype-path.ts';
import { type Node, nodeAt, scalarAt } from '../json-node.ts';
import { attributeOf, type Measured, measuredIn } from './data-value.ts';

/** A value, and which of several events or entries of the composition it comes from. */
export type Found = Measured & { readonly place: string };

type Place = { readonly value: unknown; readonly parent: Node; readonly place: string };

/** Does a node fulfil what stands between the brackets? */
function isChosen(value: unknown, { node: id, conditions }: PathSegment): boolean {
  if (id === undefined) return true;
  const node = nodeAt(value);
  if (node?.['archetype_node_id'] !== id) return false;
  return conditions.every(({ path, text }) =>
    placesOf(node, path).some((found) => scalarAt(found.value) === text),
  );
}

/** Attributes whose members are told apart: entries of a composition, events of a history. */
const APART: readonly string[] = ['content', 'events'];

function stepped({ value, place }: Place, segment: PathSegment): Place[] {
  const parent = nodeAt(value);
  if (parent === undefined) return [];
  const { attribute } = segment;
  const child = parent[attribute];
  const members: readonly unknown[] = Array.isArray(child) ? child : [child];
  return members.flatMap((member, i) => {
    if (member === undefined || !isChosen(member, segment)) return [];
    const at = APART.includes(attribute) ? `${place}/${attribute}:${i}` : place;
    return [{ value: member, parent, place: at }];
  });
}

const placesOf = (root: Node, path: ArchetypePath): Place[] =>
  path.reduce<Place[]>(
    (places, segment) => places.flatMap((place) => stepped(place, segment)),
    [{ value: root, parent: root, place: '' }],
  );

/** Every value at the path, in the order of the composition. */
export function foundIn(composition: Node, path: ArchetypePath): Found[] {
  const attribute = path.at(-1)?.attribute ?? '';
  return placesOf(composition, path).flatMap(({ value, parent, place }) => {
    const node = nodeAt(value);
    const measured = node === undefined ? attributeOf(parent, attribute) : measuredIn(node);
    return measured === undefined ? [] : [{ ...measured, place }];
  });
}
