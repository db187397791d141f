/**
 * The linkage schema of clkhash, version 3: how a record becomes a Bloom filter.
 *
 * Source   data61/clkhash, clkhash/schemas/v3.json, and the behaviour of its version 0.18.
 * Served   string, integer, date and enum formats; n-gram, exact and numeric comparison; doubleHash
 *          and blakeHash; bitsPerToken and bitsPerFeature; HKDF with SHA-256 or SHA-512.
 * Refused  xorFolds above 0, which upstream's reader ignores, so that two readers would give two
 *          encodings; encodings other than utf-8 and ascii; patterns beyond classes, groups,
 *          alternatives and counts, which Python and JavaScript read alike.
 * @module
 */
import { pointerTo } from '../../base/input.ts';
import { isObject, type Members, Reader } from '../reader.ts';

export type Comparison =
  | { readonly type: 'ngram'; readonly n: number; readonly positional: boolean }
  | { readonly type: 'exact' }
  | {
      readonly type: 'numeric';
      /** The threshold in units of 10^-precision. */
      readonly interval: number;
      readonly resolution: number;
      readonly precision: number;
    };

export type Format =
  | {
      readonly type: 'string';
      readonly case: 'mixed' | 'upper' | 'lower';
      readonly length: readonly [number, number];
      readonly ascii: boolean;
      readonly pattern: RegExp | undefined;
    }
  | { readonly type: 'integer'; readonly range: readonly [number, number] }
  | { readonly type: 'date'; readonly format: string }
  | { readonly type: 'enum'; readonly values: ReadonlySet<string> };

export type Feature = {
  readonly identifier: string;
  readonly format: Format;
  readonly comparison: Comparison;
  readonly hash: 'blakeHash' | 'doubleHash';
  readonly preventSingularity: boolean;
  /** Bits for each token, or bits of the whole feature shared by its tokens. */
  readonly bits: { readonly each: boolean; readonly count: number };
  readonly missing: { readonly sentinel: string; readonly replaceWith: string } | undefined;
};

export type ClkSchema = {
  readonly length: number;
  readonly hash: 'sha256' | 'sha512';
  readonly salt: Uint8Array;
  readonly info: Uint8Array;
  readonly keySize: number;
  /** One for each column of a record; undefined where it is ignored. */
  readonly features: readonly (Feature | undefined)[];
};

const MOST_FEATURES = 100;
const MOST_BITS = 10_000;
const LONGEST = 1 << 13;
const LONGEST_PATTERN = 500;
const ANY: readonly [number, number] = [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];

/** A range given by two optional members. */
const range = (
  reader: Reader,
  members: Members,
  at: string,
  names: readonly [string, string],
  within: readonly [number, number],
): readonly [number, number] => {
  const [low, high] = names.map((name, i) =>
    members[name] === undefined
      ? within[i === 0 ? 0 : 1]
      : reader.integer(members[name], pointerTo(at, name), within),
  );
  return [low ?? within[0], high ?? within[1]];
};

function readFormat(reader: Reader, value: unknown, at: string): Format {
  const known = {
    string: ['type', 'encoding', 'case', 'minLength', 'maxLength', 'pattern', 'description'],
    integer: ['type', 'minimum', 'maximum', 'description'],
    date: ['type', 'format', 'description'],
    enum: ['type', 'values', 'description'],
  };
  const type = reader.choice(isObject(value) ? value['type'] : undefined, pointerTo(at, 'type'), [
    'string',
    'integer',
    'date',
    'enum',
  ]);
  const format = reader.object(value, at, known[type], ['type']);
  if (type === 'integer')
    return { type, range: range(reader, format, at, ['minimum', 'maximum'], ANY) };
  if (type === 'date') {
    const text = reader.text(format['format'], pointerTo(at, 'format'));
    if (!/^(?=.*%Y)(?=.*%m)(?=.*%d)(?:%[Ymd]|[^%\w])+$/.test(text))
      reader.wrong(pointerTo(at, 'format'), 'NOT_SERVED_YET');
    return { type, format: text };
  }
  if (type === 'enum') {
    const values = reader.list(format['values'], pointerTo(at, 'values'), MOST_FEATURES);
    return { type, values: new Set(values.map((one, i) => reader.text(one, `${at}/values/${i}`))) };
  }
  return {
    type,
    case: reader.choice(format['case'], pointerTo(at, 'case'), ['mixed', 'upper', 'lower']),
    length: range(reader, format, at, ['minLength', 'maxLength'], [0, ANY[1]]),
    pattern: readPattern(reader, format['pattern'], pointerTo(at, 'pattern')),
    ascii:
      reader.choice(format['encoding'], pointerTo(at, 'encoding'), ['utf-8', 'ascii']) === 'ascii',
  };
}

/** The whole value must match. Undefined where there is no pattern. */
function readPattern(reader: Reader, value: unknown, at: string): RegExp | undefined {
  if (value === undefined) return undefined;
  const text = reader.text(value, at);
  if (text.length <= LONGEST_PATTERN && !/\(\?|\\(?![dsw.\-])|[*+]/.test(text)) {
    try {
      return new RegExp(`^(?:${text})$`, 'u');
    } catch {
      // Reported below, like every other pattern that is not served.
    }
  }
  reader.wrong(at, 'NOT_SERVED_YET');
  return undefined;
}

function readComparison(reader: Reader, value: unknown, at: string): Comparison {
  const known = [
    'type',
    ...['n', 'positional'],
    ...['thresholdDistance', 'resolution', 'fractional_precision'],
  ];
  const members = reader.object(value, at, known, ['type']);
  const integer = (name: string, within: readonly [number, number]): number =>
    reader.integer(members[name], pointerTo(at, name), within);
  const type = reader.choice(members['type'], pointerTo(at, 'type'), ['ngram', 'exact', 'numeric']);
  if (type === 'exact') return { type };
  if (type === 'ngram') {
    return {
      type,
      n: integer('n', [1, 20]),
      positional: reader.flag(members['positional'], pointerTo(at, 'positional')),
    };
  }
  const precision =
    members['fractional_precision'] === undefined ? 0 : integer('fractional_precision', [0, 9]);
  const threshold = members['thresholdDistance'];
  const interval = Math.round((typeof threshold === 'number' ? threshold : 0) * 10 ** precision);
  if (!(interval > 0 && Number.isSafeInteger(interval)))
    reader.wrong(pointerTo(at, 'thresholdDistance'), 'OUT_OF_RANGE');
  return { type, interval, resolution: integer('resolution', [1, MOST_FEATURES]), precision };
}

function readBits(reader: Reader, value: unknown, at: string): Feature['bits'] {
  const members = reader.object(value, at, ['bitsPerToken', 'bitsPerFeature']);
  const each = members['bitsPerToken'] !== undefined;
  if (each === (members['bitsPerFeature'] !== undefined)) reader.wrong(at, 'WRONG_FORMAT');
  const name = each ? 'bitsPerToken' : 'bitsPerFeature';
  return { each, count: reader.integer(members[name], pointerTo(at, name), [1, MOST_BITS]) };
}

function readMissing(reader: Reader, value: unknown, at: string): Feature['missing'] {
  if (value === undefined) return undefined;
  const members = reader.object(value, at, ['sentinel', 'replaceWith'], ['sentinel']);
  const sentinel = reader.text(members['sentinel'], pointerTo(at, 'sentinel'));
  const replaceWith = reader.text(members['replaceWith'], pointerTo(at, 'replaceWith'), sentinel);
  return { sentinel, replaceWith };
}

function readFeature(reader: Reader, value: unknown, at: string): Feature | undefined {
  const members = reader.object(
    value,
    at,
    ['identifier', 'description', 'ignored', 'format', 'hashing'],
    ['identifier'],
  );
  const identifier = reader.text(members['identifier'], pointerTo(at, 'identifier'));
  if (reader.flag(members['ignored'], pointerTo(at, 'ignored'))) return undefined;
  const here = pointerTo(at, 'hashing');
  const hashing = reader.object(
    members['hashing'],
    here,
    ['comparison', 'strategy', 'hash', 'missingValue'],
    ['comparison', 'strategy'],
  );
  const hash = reader.object(hashing['hash'] ?? {}, `${here}/hash`, [
    'type',
    'prevent_singularity',
  ]);
  return {
    identifier,
    format: readFormat(reader, members['format'], pointerTo(at, 'format')),
    comparison: readComparison(reader, hashing['comparison'], `${here}/comparison`),
    hash: reader.choice(hash['type'], `${here}/hash/type`, ['blakeHash', 'doubleHash']),
    preventSingularity: reader.flag(
      hash['prevent_singularity'],
      `${here}/hash/prevent_singularity`,
    ),
    bits: readBits(reader, hashing['strategy'], `${here}/strategy`),
    missing: readMissing(reader, hashing['missingValue'], `${here}/missingValue`),
  };
}

const base64 = (reader: Reader, value: unknown, at: string): Uint8Array =>
  new Uint8Array(Buffer.from(reader.text(value, at), 'base64'));

/** Reads a schema of version 3. Refuses with INVALID_PARAMETER and every error in it. */
export function parseClkSchema(document: unknown): ClkSchema {
  const reader = new Reader();
  const top = reader.object(
    document,
    '',
    ['version', 'clkConfig', 'features'],
    ['version', 'clkConfig', 'features'],
  );
  if (top['version'] !== undefined) reader.integer(top['version'], '/version', [3, 3]);
  const config = reader.object(top['clkConfig'], '/clkConfig', ['l', 'kdf', 'xorFolds'], ['kdf']);
  const kdf = reader.object(config['kdf'], '/clkConfig/kdf', [
    'type',
    'hash',
    'salt',
    'info',
    'keySize',
  ]);
  reader.choice(kdf['type'], '/clkConfig/kdf/type', ['HKDF']);
  const hash = reader.choice(kdf['hash'], '/clkConfig/kdf/hash', ['SHA256', 'SHA512']);
  if ((config['xorFolds'] ?? 0) !== 0) reader.wrong('/clkConfig/xorFolds', 'NOT_SERVED_YET');
  const length = reader.integer(config['l'] ?? 1024, '/clkConfig/l', [8, LONGEST]);
  if (length % 8 !== 0) reader.wrong('/clkConfig/l', 'NOT_SERVED_YET');
  const features = reader
    .list(top['features'], '/features', MOST_FEATURES)
    .map((feature, i) => readFeature(reader, feature, `/features/${i}`));
  if (features.some((f) => f?.hash === 'blakeHash') && !Number.isInteger(Math.log2(length)))
    reader.wrong('/clkConfig/l', 'OUT_OF_RANGE');
  const schema: ClkSchema = {
    length,
    hash: hash === 'SHA256' ? 'sha256' : 'sha512',
    salt: base64(reader, kdf['salt'], '/clkConfig/kdf/salt'),
    info: base64(reader, kdf['info'], '/clkConfig/kdf/info'),
    keySize: reader.integer(kdf['keySize'] ?? 64, '/clkConfig/kdf/keySize', [1, 64]),
    features,
  };
  reader.finish();
  return schema;
}
