/**
 * Canonical JSON: RFC 8785 (JCS) out, a strict parser in.
 *
 * What is signed is the canonical text, so reading must be as strict as writing: `parseStrict`
 * refuses duplicate keys (RFC 8785 section 3.1 demands I-JSON), strings that are not in NFC or
 * hold a lone surrogate, integers and magnitudes that a double cannot hold, and depth above `MAX_DEPTH`.
 * @module
 */
import { utf8 } from './bytes.ts';
import { check } from './errors.ts';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

const MAX_DEPTH = 32;

function checkText(text: string): void {
  // Lone surrogates have no UTF-8 form (RFC 8785 section 3.2.2.2).
  check(text.isWellFormed(), 'MALFORMED_MESSAGE', 'lone surrogate');
  check(text.normalize('NFC') === text, 'MALFORMED_MESSAGE', 'string is not in NFC');
}

/** RFC 8785 section 3.2. Keys sorted by UTF-16 code units, numbers as ECMAScript writes them. */
export function canonicalJson(value: unknown, depth = 0): string {
  check(depth <= MAX_DEPTH, 'MALFORMED_MESSAGE', 'nested too deeply');
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') {
    checkText(value);
    return JSON.stringify(value);
  }
  if (typeof value === 'number') {
    check(Number.isFinite(value), 'MALFORMED_MESSAGE', 'number is not finite');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    // Array.from visits holes, which map would leave empty.
    return `[${Array.from(value, (item) => canonicalJson(item, depth + 1)).join(',')}]`;
  }
  check(typeof value === 'object', 'MALFORMED_MESSAGE', `a ${typeof value} is not JSON`);
  // A Date, a Map or a Secret would sign as `{}` or as its private parts.
  const prototype: unknown = Object.getPrototypeOf(value);
  check(
    prototype === Object.prototype || prototype === null,
    'MALFORMED_MESSAGE',
    'not a plain object',
  );
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const members = entries.map(([key, item]) => {
    checkText(key);
    return `${JSON.stringify(key)}:${canonicalJson(item, depth + 1)}`;
  });
  return `{${members.join(',')}}`;
}

export const canonicalBytes = (value: unknown): Uint8Array => utf8(canonicalJson(value));

/** One token of JSON (RFC 8259) at a time; `JSON.parse` cannot see duplicate keys. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json {
    const value = this.#value(0);
    this.#space();
    this.#expect(this.#at === this.#text.length);
    return value;
  }

  #expect(condition: boolean): asserts condition {
    check(condition, 'MALFORMED_MESSAGE', `JSON at character ${this.#at}`);
  }

  #space(): void {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    this.#expect(match !== null);
    this.#at += match[0].length;
    return match[0];
  }

  #next(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #string(): string {
    this.#space();
    const start = this.#at;
    this.#take(/"/y);
    // A run at a time: one pattern for the whole string would overflow the stack on a long one.
    for (;;) {
      this.#take(/[^"\\\u0000-\u001f]*/y);
      if (this.#text[this.#at] === '"') break;
      this.#take(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y);
    }
    this.#at += 1;
    const text = JSON.parse(this.#text.slice(start, this.#at)) as string;
    checkText(text);
    return text;
  }

  #number(): number {
    const literal = this.#take(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y);
    const value = Number(literal);
    this.#expect(Number.isFinite(value));
    // An integer that a double cannot hold would be signed as another number.
    this.#expect(!/^-?[0-9]+$/.test(literal) || Number.isSafeInteger(value));
    return value;
  }

  #object(depth: number): Json {
    const out: Record<string, Json> = Object.create(null) as Record<string, Json>;
    if (this.#next('}')) return { ...out };
    do {
      const key = this.#string();
      this.#expect(!(key in out) && key !== '__proto__');
      this.#expect(this.#next(':'));
      out[key] = this.#value(depth + 1);
    } while (this.#next(','));
    this.#expect(this.#next('}'));
    return { ...out };
  }

  #array(depth: number): Json {
    const out: Json[] = [];
    if (this.#next(']')) return out;
    do out.push(this.#value(depth + 1));
    while (this.#next(','));
    this.#expect(this.#next(']'));
    return out;
  }

  #value(depth: number): Json {
    this.#expect(depth <= MAX_DEPTH);
    if (this.#next('{')) return this.#object(depth);
    if (this.#next('[')) return this.#array(depth);
    const first = this.#text[this.#at] ?? '';
    if (first === '"') return this.#string();
    if (/[-0-9]/.test(first)) return this.#number();
    const word = this.#take(/true|false|null/y);
    return word === 'null' ? null : word === 'true';
  }
}

/** Reads one JSON document; refuses what canonical JSON could not have meant. */
export const parseStrict = (text: string): Json => new Reader(text).document();
