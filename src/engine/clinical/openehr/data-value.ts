/**
 * Data values of the openEHR reference model (RM, "Data Types") as texts of fields.
 *
 * DV_QUANTITY, DV_COUNT, DV_ORDINAL, DV_SCALE and DV_PROPORTION of the kind "percent" are numbers,
 * the first and the last with a unit; DV_CODED_TEXT and CODE_PHRASE are their code; DV_TEXT,
 * DV_BOOLEAN and identifiers their value; DV_DATE and DV_DATE_TIME their day, in the extended or
 * the compact form of ISO 8601. Other types hold nothing that a column could.
 * @module
 */
import { dayOf } from '../../../base/calendar.ts';
import { type Node, nodeAt, scalarAt, textAt } from '../json-node.ts';

export type Measured = {
  readonly value: string;
  readonly unit?: string;
  /** `terminology::code` of a coded text. */
  readonly token?: string;
};

const PERCENT = 2;
const ISO_TIME = /^(\d{4})(?:(-?)(\d{2})(?:\2(\d{2})(?:T.*)?)?)?$/;

/** Is `value` a date or a date and time, also one that is partial? */
export const isIsoTime = (value: unknown): boolean => ISO_TIME.test(textAt(value) ?? '');

/** The day that was written down, whatever its time zone; undefined where it names none. */
export function isoDay(value: unknown): string | undefined {
  const [, year, , month, date] = ISO_TIME.exec(textAt(value) ?? '') ?? [];
  const day = `${year ?? ''}-${month ?? ''}-${date ?? ''}`;
  return dayOf(day) === undefined ? undefined : day;
}

/** `<5` is not 5: a magnitude that is a limit must not read as a number. */
function magnitude(node: Node, value: unknown, unit?: string): Measured | undefined {
  const number = scalarAt(value);
  if (number === undefined) return undefined;
  const status = textAt(node['magnitude_status']) ?? '=';
  return {
    value: status === '=' ? number : `${status}${number}`,
    ...(unit !== undefined && { unit }),
  };
}

function codePhrase(phrase: Node | undefined): Measured | undefined {
  const code = textAt(phrase?.['code_string']);
  const terminology = textAt(nodeAt(phrase?.['terminology_id'])?.['value']) ?? '';
  return code === undefined ? undefined : { value: code, token: `${terminology}::${code}` };
}

const plain = (value: unknown): Measured | undefined => {
  const text = scalarAt(value);
  return text === undefined ? undefined : { value: text };
};

/** What a data value holds. */
export function measuredIn(node: Node): Measured | undefined {
  switch (node['_type']) {
    case 'DV_QUANTITY':
      return magnitude(node, node['magnitude'], textAt(node['units']));
    case 'DV_COUNT':
      return magnitude(node, node['magnitude']);
    case 'DV_PROPORTION':
      return node['type'] === PERCENT ? magnitude(node, node['numerator'], '%') : undefined;
    case 'DV_CODED_TEXT':
      return codePhrase(nodeAt(node['defining_code']));
    case 'CODE_PHRASE':
      return codePhrase(node);
    case 'DV_DATE':
    case 'DV_DATE_TIME':
      return plain(isoDay(node['value']) ?? node['value']);
    case 'DV_TEXT':
    case 'DV_BOOLEAN':
    case 'DV_ORDINAL':
    case 'DV_SCALE':
      return plain(node['value']);
    case 'DV_IDENTIFIER':
      return plain(node['id']);
    default:
      return undefined;
  }
}

/** One attribute of a data value that a path names: `magnitude` and `value` mean the whole. */
export function attributeOf(node: Node, attribute: string): Measured | undefined {
  const whole = measuredIn(node);
  const isWhole =
    (attribute === 'magnitude' && node['magnitude'] !== undefined) ||
    (attribute === 'value' && node['_type'] !== 'DV_CODED_TEXT');
  return isWhole ? whole : plain(node[attribute]);
}
