/** What a study says in words that rules can read: its legal bases and its purpose. @module */
import { type Jurisdiction, LAWS, type Purpose, PURPOSES } from './table.ts';

/** A provision such as "9(2)(j)" of a law; the empty text is the law as a whole. */
export type Provision = { readonly law: string; readonly provision: string };

const PROVISION = /^(?:(?:Article|Art\.?)\s*)?(\d{1,3}(?:\([0-9a-z]{1,5}\))*)$/i;

/** "Regulation (EU) 2016/679 Art. 9" as "GDPR Art. 9". */
function inShort(text: string, laws: Readonly<Record<string, readonly string[]>>): string {
  let short = text;
  for (const [law, names] of Object.entries(laws)) {
    for (const name of names) short = short.replaceAll(name, law);
  }
  return short;
}

/**
 * The provisions that a legal basis names: laws of the jurisdiction with articles, apart by commas,
 * semicolons, "+" or "and"; an article belongs to the law before it. Undefined where any of the text is
 * something else: nothing is concluded from half a sentence.
 */
export function provisionsOf(
  legalBasis: string,
  jurisdiction: Jurisdiction,
): readonly Provision[] | undefined {
  const laws = LAWS[jurisdiction];
  const found: Provision[] = [];
  let law: string | undefined;
  for (const part of inShort(legalBasis.trim(), laws).split(/\s*[,;+]\s*|\s+and\s+/)) {
    const named = Object.keys(laws).find((name) => part === name || part.startsWith(`${name} `));
    law = named ?? law;
    if (law === undefined) return undefined;
    const rest = named === undefined ? part : part.slice(named.length).trim();
    const provision = rest === '' && named !== undefined ? '' : PROVISION.exec(rest)?.[1];
    if (provision === undefined) return undefined;
    found.push({ law, provision: provision.toLowerCase() });
  }
  return found;
}

/** The known purpose that `text` is a word for, or undefined. */
export function purposeOf(text: string): Purpose | undefined {
  const word = text.trim().toLowerCase();
  const entries = Object.entries(PURPOSES) as [Purpose, readonly string[]][];
  return entries.find(([name, others]) => name === word || others.includes(word))?.[0];
}
