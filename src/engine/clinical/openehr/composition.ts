/**
 * A canonical JSON composition (openEHR ITS-JSON), checked as far as its values depend on it.
 *
 * Whatever is not a COMPOSITION of the reference model is refused: a wrong type in it says that
 * something else than an openEHR system wrote it, and its paths would quietly find nothing. Where
 * the type of an attribute follows from the model, canonical JSON may leave `_type` out.
 *
 * The id of the EHR is not inside a composition (RM, EHR Information Model: an EHR refers to its
 * compositions); how a file says it stands in read.ts. What may be inside is the external
 * reference of an entry's subject, an identifier of a demographic system.
 * @module
 */
import { type Node, nodeAt, nodesAt, textAt } from '../json-node.ts';
import { isIsoTime } from './data-value.ts';

/** CONTENT_ITEM and what inherits from it. */
const CONTENT: readonly unknown[] = [
  'SECTION',
  'OBSERVATION',
  'EVALUATION',
  'INSTRUCTION',
  'ACTION',
  'ADMIN_ENTRY',
  'GENERIC_ENTRY',
];
/** persistent, event, episodic and report (openEHR terminology, "composition category"). */
const CATEGORIES: readonly unknown[] = ['431', '433', '451', '815'];

/** Sections in sections, further than any template goes. */
const DEEPEST = 32;

const isOf = (node: Node | undefined, type: string): node is Node =>
  node !== undefined && (node['_type'] === undefined || node['_type'] === type);

const inSection = (item: Node): readonly Node[] =>
  item['_type'] === 'SECTION' ? nodesAt(item['items']) : [];

function contentFault(items: readonly Node[], depth = 0): string | undefined {
  if (depth > DEEPEST) return 'sections';
  for (const item of items) {
    if (!CONTENT.includes(item['_type'])) return 'content';
    if (textAt(item['archetype_node_id']) === undefined) return 'archetype_node_id of content';
    const below = contentFault(inSection(item), depth + 1);
    if (below !== undefined) return below;
  }
  return undefined;
}

/** What of `node` is not as the reference model has it; undefined for a composition. */
export function compositionFault(node: Node): string | undefined {
  if (node['_type'] !== 'COMPOSITION') return '_type';
  if (textAt(node['archetype_node_id']) === undefined) return 'archetype_node_id';
  const category = nodeAt(nodeAt(node['category'])?.['defining_code']);
  if (!CATEGORIES.includes(category?.['code_string'])) return 'category';
  if (node['context'] !== undefined) {
    const context = nodeAt(node['context']);
    if (!isOf(context, 'EVENT_CONTEXT')) return 'context';
    const start = nodeAt(context['start_time']);
    if (!isOf(start, 'DV_DATE_TIME') || !isIsoTime(start['value'])) return 'context/start_time';
  }
  if (node['content'] !== undefined && !Array.isArray(node['content'])) return 'content';
  return contentFault(nodesAt(node['content']));
}

/** When the context began; a persistent composition has none. */
export const startOf = (composition: Node): unknown =>
  nodeAt(nodeAt(composition['context'])?.['start_time'])?.['value'];

/** The external id of the subject of the first entry that has one, sections opened. */
export function subjectOf(items: readonly Node[]): string | undefined {
  for (const item of items) {
    const reference = nodeAt(nodeAt(item['subject'])?.['external_ref']);
    const id = textAt(nodeAt(reference?.['id'])?.['value']) ?? subjectOf(inSection(item));
    if (id !== undefined) return id;
  }
  return undefined;
}
