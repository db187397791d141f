/**
 * A phonetic code of a canonical name: its first letter and three classes of consonants, after
 * Soundex (Russell, US patents 1,261,167 and 1,435,663), with l and r in one class because
 * Japanese spellings do not tell them apart. It forgives a wrong vowel and a doubled letter, and
 * it merges many names: use it in a pass only beside a whole date of birth or its like.
 * @module
 */

const CLASS: Readonly<Record<string, string>> = Object.fromEntries(
  ['bfpv', 'cgjkqsxz', 'dt', 'lr', 'mn'].flatMap((letters, i) =>
    Array.from(letters, (letter) => [letter, String(i + 1)]),
  ),
);

/** h and w do not separate equal classes, vowels do: the rule of the US National Archives. */
export function soundCode(form: string): string {
  let code = form.slice(0, 1).replace('l', 'r');
  let last = CLASS[form[0] ?? ''];
  for (const letter of form.slice(1)) {
    if (letter === 'h' || letter === 'w') continue;
    const next = CLASS[letter];
    if (next !== undefined && next !== last) code += next;
    last = next;
  }
  return code.slice(0, 4).padEnd(4, '0');
}
