/**
 * Hiragana in the spelling systems that registers use, from a table of its own: the code under test
 * must not judge itself. Hepburn and Kunrei: Cabinet order of 1954, tables 1 and 2.
 */
import type { Seeded } from './seeded.ts';

const VOWELS = ['a', 'i', 'u', 'e', 'o'];
const ROWS: readonly (readonly [string, string])[] = [
  ['', 'あいうえお'],
  ['k', 'かきくけこ'],
  ['s', 'さしすせそ'],
  ['t', 'たちつてと'],
  ['n', 'なにぬねの'],
  ['h', 'はひふへほ'],
  ['m', 'まみむめも'],
  ['r', 'らりるれろ'],
  ['g', 'がぎぐげご'],
  ['z', 'ざじずぜぞ'],
  ['d', 'だぢづでど'],
  ['b', 'ばびぶべぼ'],
  ['p', 'ぱぴぷぺぽ'],
];
const KUNREI = new Map<string, string>([
  ...ROWS.flatMap(([c, row]) =>
    Array.from(row, (kana, i): [string, string] => [kana, c + VOWELS[i]!]),
  ),
  ['や', 'ya'],
  ['ゆ', 'yu'],
  ['よ', 'yo'],
  ['わ', 'wa'],
  ['を', 'o'],
  ['ぢ', 'zi'],
  ['づ', 'zu'],
]);
const HEPBURN: Readonly<Record<string, string>> = {
  ...{ si: 'shi', ti: 'chi', tu: 'tsu', hu: 'fu', zi: 'ji' },
  ...{ sya: 'sha', syu: 'shu', syo: 'sho', tya: 'cha', tyu: 'chu', tyo: 'cho' },
  ...{ zya: 'ja', zyu: 'ju', zyo: 'jo' },
};
const SMALL: Readonly<Record<string, string>> = { ゃ: 'ya', ゅ: 'yu', ょ: 'yo' };

export const SYSTEMS = ['hepburn', 'macron', 'oh', 'wapuro', 'kunrei', 'circumflex'] as const;
export type System = (typeof SYSTEMS)[number];

/** Kunrei syllables; `n'` is the moraic nasal, `:` doubles the next consonant. */
function syllables(hiragana: string): string[] {
  const out: string[] = [];
  for (const kana of hiragana) {
    const glide = SMALL[kana];
    const plain = KUNREI.get(kana);
    if (glide !== undefined) out.push(out.pop()!.replace(/i$/, '') + glide);
    else if (kana === 'ん') out.push("n'");
    else if (kana === 'っ') out.push(':');
    else if (plain === undefined) throw new Error('a kana that the table has not');
    else out.push(plain);
  }
  return out;
}

/** Can this reading be spelt here? */
export const isSpellable = (hiragana: string): boolean =>
  /^[あ-んー]+$/.test(hiragana) &&
  !/[ぁぃぅぇぉっ]$|^[ぁ-ょん]$|[ーゐゑゎゔぁぃぅぇぉ]|っ[あいうえおなにぬねのゃゅょ]/.test(
    hiragana,
  );

const LONG = /(?<=[aeiou])(?:ou|oo|uu)|ou|oo|uu/g;

function long(text: string, system: System): string {
  if (system === 'wapuro') return text;
  const mark = { hepburn: '', oh: '', macron: '\u0304', kunrei: '\u0302', circumflex: '\u0302' }[
    system
  ];
  return text
    .replace(LONG, (pair) => {
      const oh = system === 'oh' && pair.startsWith('o');
      return pair[0]! + (oh ? 'h' : mark);
    })
    .normalize('NFC');
}

/** One name in one system, its first letter a capital. */
export function romanise(hiragana: string, system: System, source: Seeded): string {
  const kunrei = system === 'kunrei';
  const parts = syllables(hiragana).map((part) => (kunrei ? part : (HEPBURN[part] ?? part)));
  const joined = parts
    .map((part, i) => {
      const next = parts[i + 1] ?? '';
      if (part === ':') return next.startsWith('ch') ? 't' : next.slice(0, 1);
      if (part !== "n'") return part;
      if (!kunrei && /^[bmp]/.test(next) && source.chance(70)) return 'm';
      return /^[aeiouy]/.test(next) && source.chance(50) ? part : 'n';
    })
    .join('');
  const text = long(joined, system);
  return text[0]!.toUpperCase() + text.slice(1);
}

/** Katakana of full or half width, or hiragana as it is. */
export function kanaForm(hiragana: string, width: number): string {
  const katakana = hiragana.replace(/[ぁ-ゖ]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0x60));
  if (width === 0) return hiragana;
  if (width === 1) return katakana;
  // Half-width kana, from the compatibility mappings of Unicode read backwards.
  return Array.from(katakana.normalize('NFD'), (c) => HALF.get(c) ?? c).join('');
}

const HALF: ReadonlyMap<string, string> = new Map(
  Array.from({ length: 0xff9f - 0xff66 + 1 }, (_, i) => {
    const half = String.fromCharCode(0xff66 + i);
    return [half.normalize('NFKC'), half];
  }),
);
