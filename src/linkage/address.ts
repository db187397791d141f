/** Postal codes, and the words of an address as they are compared: letters and digits only. @module */
import { foldedText } from './fold.ts';

/** Lower-case letters and digits of every script, without Latin diacritics; undefined where none. */
export function canonicalText(text: string): string | undefined {
  const plain = foldedText(text).replace(/[^\p{L}\p{N}]/gu, '');
  return plain === '' ? undefined : plain;
}

/** L-1234, LU 1234 and 1234 are one code; 〒100-0001 is 1000001. */
export function canonicalPostcode(text: string): string | undefined {
  const plain = canonicalText(text.replace('〒', ''));
  return plain?.replace(/^(?:l|lu|jp)(?=\d)/, '');
}
