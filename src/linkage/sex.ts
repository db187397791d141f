/**
 * Administrative sex as the two codes that linkage compares. ISO/IEC 5218 has 1 male, 2 female,
 * 0 not known, 9 not applicable; HL7 M, F, O, U. Other and unknown are no key: registers do not
 * agree about when to use them.
 * @module
 */
import { foldedText } from './fold.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const FEMALE = words('f female 2 w weiblich feminin femme frau weiblech fra 女 女性 おんな');
const MALE = words('m male 1 mannlich masculin homme mann mannlech man 男 男性 おとこ');

/** `f`, `m`, or undefined. */
export function canonicalSex(text: string): 'f' | 'm' | undefined {
  const plain = foldedText(text).trim();
  if (FEMALE.has(plain)) return 'f';
  return MALE.has(plain) ? 'm' : undefined;
}
