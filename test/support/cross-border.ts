/**
 * A register in Luxembourg and one in Japan with some people in both, from a seed. Nobody is real.
 *
 * On the left names are in Latin letters, a Japanese one in any spelling system, dates in European
 * forms; on the right Japanese names are in kana of any width, others in capitals without marks,
 * dates often in eras. Errors, each side: a typing error in a name, family and given name exchanged,
 * a wrong or missing part of the date. Shares are in `ERRORS`, in percent of records.
 */
import { readFileSync } from 'node:fs';
import { isSpellable, kanaForm, romanise, SYSTEMS } from './romanise.ts';
import { Seeded } from './seeded.ts';
import { sharedData } from './shared-data.ts';

type Names = {
  readonly family: readonly string[];
  readonly given: readonly (readonly string[])[];
};

const words = (text: string): string[] => text.split(' ');

/** Common names, so that there is something without the shared lists. */
const OWN = {
  japan: {
    family: words(
      'さとう すずき たかはし たなか いとう わたなべ やまもと なかむら こばやし かとう よしだ やまだ ささき やまぐち まつもと いのうえ きむら はやし しみず さいとう おおの おの うえだ ごとう おおたに ほんま しんぼ はっとり べっぷ じんない',
    ),
    given: [
      words(
        'ようこ けいこ ゆみ さくら あおい ゆうこ じゅんこ みつき れいな ひろみ まい かおり ちひろ えみ ともこ なつき',
      ),
      words(
        'たろう けんいち ゆうすけ しゅんぺい だいすけ じゅん こうた りょう まさお しんいち てつや ひろし とおる りゅうじ きょうすけ つばさ',
      ),
    ],
  },
  luxembourg: {
    family: words(
      'Müller Schmit Weber Wagner Hoffmann Thill Schroeder Klein Faber Kieffer Reuter Gonçalves Fernandes Meyer Kremer Weis Krier Majerus Ries Ferreira Engel Lopes Marques Welter Goergen Lentz',
    ),
    given: [
      words('Marie Anne Josée Léa Chantal Nathalie Martine Céline Sandra Inês Zoé Françoise'),
      words('Jean Marc Joseph Pierre André José François Léon Gérard Tom Luís Jérôme'),
    ],
  },
} satisfies Record<string, Names>;

function sharedNames(): typeof OWN | undefined {
  const gimei = sharedData('names/gimei_names_kanji_hiragana_katakana_romaji.csv');
  const surnames = sharedData('names/yomikun_surname_readings_by_frequency.csv');
  const local = sharedData('names/luxembourg_names_frequencies.json');
  if (gimei === undefined || surnames === undefined || local === undefined) return undefined;
  const csv = (path: string): string[][] =>
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
  const given = (gender: string): string[] => [
    ...new Set(
      csv(gimei)
        .filter(([part, g, , kana]) => part === 'given' && g === gender && isSpellable(kana!))
        .map(([, , , kana]) => kana!),
    ),
  ];
  type Local = Record<string, readonly (readonly [string, number])[] | string>;
  const lists = JSON.parse(readFileSync(local, 'utf8')) as Local;
  const list = (name: string): string[] => {
    const entries = lists[name];
    if (!Array.isArray(entries)) throw new Error(`no list ${name}`);
    return entries.map(([text]) => text as string);
  };
  return {
    japan: {
      family: csv(surnames).flatMap(([, readings]) =>
        readings!.split('|').slice(0, 1).filter(isSpellable),
      ),
      given: [given('female'), given('male')],
    },
    luxembourg: {
      family: list('lastNames'),
      given: [list('firstNamesFemale'), list('firstNamesMale')],
    },
  };
}

export const ERRORS = { typo: 4, exchanged: 3, year: 2, day: 2, missingDate: 1, missingSex: 2 };

type Person = {
  readonly japanese: boolean;
  readonly family: string;
  readonly given: string;
  readonly female: boolean;
  readonly birth: readonly [number, number, number];
};

export type Row = ReadonlyMap<string, string>;
export type CrossBorder = {
  readonly left: readonly Row[];
  readonly right: readonly Row[];
  readonly truth: readonly (readonly [string, string])[];
};

const DRAWS = 60;

class Register {
  readonly #source: Seeded;
  readonly #names: typeof OWN;

  constructor(seed: string, people: number, names: typeof OWN) {
    this.#source = new Seeded(seed, people * DRAWS);
    this.#names = names;
  }

  person(): Person {
    const source = this.#source;
    const japanese = source.chance(70);
    const { family, given } = this.#names[japanese ? 'japan' : 'luxembourg'];
    const female = source.chance(50);
    return {
      japanese,
      female,
      family: source.pickFront(family),
      given: source.pickFront(given[female ? 0 : 1]!),
      birth: [1930 + source.below(75), 1 + source.below(12), 1 + source.below(28)],
    };
  }

  /** Another letter, one more, one less, or two exchanged; in Japan's kana another syllable. */
  #typo(text: string): string {
    const source = this.#source;
    const at = 1 + source.below(Math.max(1, text.length - 1));
    const letter = /[a-z]/i.test(text)
      ? source.pick(Array.from('aeiourstnlk'))
      : source.pick(Array.from('アカサタナマ'));
    const kind = source.below(3);
    if (kind === 0) return text.slice(0, at) + letter + text.slice(at + 1);
    if (kind === 1) return text.slice(0, at) + letter + text.slice(at);
    return (
      text.slice(0, at - 1) + text.slice(at, at + 1) + text.slice(at - 1, at) + text.slice(at + 1)
    );
  }

  #date([y, m, d]: Person['birth'], inJapan: boolean): string {
    const source = this.#source;
    const two = (n: number): string => String(n).padStart(2, '0');
    const iso = `${y}-${two(m)}-${two(d)}`;
    if (!inJapan)
      return source.pick([
        iso,
        `${two(d)}.${two(m)}.${y}`,
        `${d}/${m}/${y}`,
        `${y}${two(m)}${two(d)}`,
      ]);
    const eras = [
      ['平成', 'H', 1989, '1989-01-08'],
      ['昭和', 'S', 1926, '1926-12-25'],
    ] as const;
    const [name, letter, first] = eras.find(([, , , from]) => iso >= from)!;
    const year = y - first + 1;
    return source.pick([
      `${name}${year === 1 ? '元' : year}年${m}月${d}日`,
      `${letter}${two(year)}.${two(m)}.${two(d)}`,
      `${y}年${m}月${d}日`,
      `${y}/${two(m)}/${two(d)}`,
    ]);
  }

  #birth(person: Person): Person['birth'] | undefined {
    const source = this.#source;
    const [y, m, d] = person.birth;
    if (source.chance(ERRORS.missingDate)) return undefined;
    if (source.chance(ERRORS.year)) return [y + (source.chance(50) ? 1 : -1), m, d];
    return source.chance(ERRORS.day) ? [y, m, 1 + ((d + source.below(26)) % 28)] : [y, m, d];
  }

  record(id: string, person: Person, inJapan: boolean): Row {
    const source = this.#source;
    const system = source.pick(SYSTEMS);
    const width = source.below(3);
    const write = (name: string): string => {
      if (!person.japanese) return inJapan ? bare(name) : name;
      return inJapan ? kanaForm(name, width) : romanise(name, system, source);
    };
    let [family, given] = [write(person.family), write(person.given)];
    if (source.chance(ERRORS.typo)) family = this.#typo(family);
    if (source.chance(ERRORS.typo)) given = this.#typo(given);
    if (source.chance(ERRORS.exchanged)) [family, given] = [given, family];
    const birth = this.#birth(person);
    const sex = person.female ? ['F', '女'] : ['M', '男'];
    return new Map([
      ['id', id],
      ['family', family],
      ['given', given],
      ['birth', birth === undefined ? '' : this.#date(birth, inJapan)],
      ['sex', source.chance(ERRORS.missingSex) ? '' : sex[inJapan ? 1 : 0]!],
    ]);
  }
}

const UMLAUTS: Readonly<Record<string, string>> = { Ä: 'AE', Ö: 'OE', Ü: 'UE' };

/** As a machine-readable passport writes it (ICAO Doc 9303-3, section 6). */
const bare = (name: string): string =>
  name
    .toUpperCase()
    .replace(/[ÄÖÜ]/g, (letter) => UMLAUTS[letter]!)
    .normalize('NFD')
    .replace(/\p{M}/gu, '');

/** `people` on each side, `overlap` percent of them on both. */
export function crossBorder(
  seed: string,
  people: number,
  overlap: number,
  lists: 'own' | 'shared',
): CrossBorder | undefined {
  const names = lists === 'own' ? OWN : sharedNames();
  if (names === undefined) return undefined;
  const register = new Register(seed, 2 * people, names);
  const both = Math.round((people * overlap) / 100);
  const left: Row[] = [];
  const right: Row[] = [];
  const truth: [string, string][] = [];
  for (let i = 0; i < people; i++) {
    const person = register.person();
    const other = i < both ? person : register.person();
    left.push(register.record(`LU${i}`, person, false));
    right.push(register.record(`JP${i}`, other, true));
    if (i < both) truth.push([`LU${i}`, `JP${i}`]);
  }
  return { left, right, truth };
}
