/** Checkpoints as notes: one text for one checkpoint, and who may stand under it. */
import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import {
  checkCosigned,
  checkpointText,
  cosign,
  readNote,
  writeNote,
} from '../../src/audit/checkpoint.ts';
import { DOMAIN, SigningKey } from '../../src/base/sign.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { refusal } from '../support/refusal.ts';

const [lu, jp, eve] = [SigningKey.generate(), SigningKey.generate(), SigningKey.generate()];
const identities = new Map([
  ['lu', lu.publicText],
  ['jp', jp.publicText],
]);
const checkpoint = { study: 'a'.repeat(64), size: 12, root: 'b'.repeat(64) };
const cosignatures = [cosign(checkpoint, 'lu', lu), cosign(checkpoint, 'jp', jp)];
const note = writeNote({ checkpoint, cosignatures });

describe('a checkpoint', () => {
  test('is a note with a line of every holder, in the order of their names', () => {
    match(
      note,
      /^kakehashi\/log\/a{64}\n12\n[A-Za-z0-9+/]{43}=\n\n— jp [A-Za-z0-9+/]{91}=\n— lu [A-Za-z0-9+/]{91}=\n$/,
    );
    const read = readNote(note);
    deepStrictEqual(read.checkpoint, checkpoint);
    checkCosigned(read, identities);
    strictEqual(writeNote(read), note);
    const bare = writeNote({ checkpoint, cosignatures: [] });
    deepStrictEqual(readNote(bare).cosignatures, []);
  });

  const [jpLine = '', luLine = ''] = note.split('\n').slice(4);
  const bad: Record<string, string> = {
    'a size with a zero in front': note.replace('\n12\n', '\n012\n'),
    'a size that is no number': note.replace('\n12\n', '\n1e1\n'),
    'a negative size': note.replace('\n12\n', '\n-1\n'),
    'a size above 2^53': note.replace('\n12\n', '\n9007199254740993\n'),
    'no origin': note.replace('kakehashi/log/', 'kakehashi/tree/'),
    'a study that is no digest': note.replace('aaaa', 'AAAA'),
    'a short root': note.replace(/\n[A-Za-z0-9+/]{43}=\n\n/, '\nAAAA\n\n'),
    'lines in another order': note.replace(`${jpLine}\n${luLine}`, `${luLine}\n${jpLine}`),
    'one line twice': note.replace(luLine, jpLine),
    'a hyphen for the dash': note.replace('— lu', '- lu'),
    'a name with a space': note.replace('— lu', '— l u'),
    'a name that is markup': note.replace('— lu', '— <b>'),
    'a short signature': note.replace(luLine, '— lu AAAA'),
    'no line feed at the end': note.slice(0, -1),
    'a line feed more': `${note}\n`,
    'a carriage return': note.replaceAll('\n', '\r\n'),
    'something behind the lines': `${note}x`,
    'further text': note.replace('\n\n', '\nmore\n\n'),
    nothing: '',
  };
  for (const [name, text] of Object.entries(bad)) {
    test(`with ${name} is refused`, () => {
      throws(() => readNote(text), refusal('MALFORMED_MESSAGE'));
    });
  }
});

describe('co-signatures', () => {
  const of = (...lines: (typeof cosignatures)[number][]) => ({ checkpoint, cosignatures: lines });
  const [first, second] = cosignatures as [(typeof cosignatures)[0], (typeof cosignatures)[0]];

  test('of every holder and nobody else', () => {
    checkCosigned(of(second, first), identities);
    throws(() => checkCosigned(of(first), identities), refusal('PROOF_REJECTED'));
    const stranger = cosign(checkpoint, 'eve', eve);
    throws(() => checkCosigned(of(first, stranger), identities), refusal('PROOF_REJECTED'));
    throws(() => checkCosigned(of(first, second, stranger), identities), refusal('PROOF_REJECTED'));
  });

  test('by the identity key, over this checkpoint, in this domain', () => {
    const rejected = refusal('SIGNATURE_REJECTED');
    throws(() => checkCosigned(of(first, cosign(checkpoint, 'jp', eve)), identities), rejected);
    const other = { ...checkpoint, size: 13 };
    throws(() => checkCosigned(of(first, cosign(other, 'jp', jp)), identities), rejected);
    throws(
      () => checkCosigned(of(first, { ...second, signature: first.signature }), identities),
      rejected,
    );
    // The text signed as something else: a stop, say.
    const elsewhere = jp.sign(DOMAIN.stop, utf8(checkpointText(checkpoint)));
    const signature = new Uint8Array([...second.signature.subarray(0, 4), ...elsewhere]);
    throws(() => checkCosigned(of(first, { ...second, signature }), identities), rejected);
  });
});
