/**
 * What an auditor may be handed, told apart by what it is and not by its name: releases, receipts,
 * checkpoints, logs, consistency proofs, statements of erasure. Nothing is verified here.
 * @module
 */
import { type Consistency, CONSISTENCY_FORMAT, readConsistency } from '../audit/one-log.ts';
import { type CheckpointNote, readNote } from '../audit/checkpoint.ts';
import { ERASURE_FORMAT, readErasure, type SignedErasure } from '../audit/erasure.ts';
import { type Excerpt, EXCERPT_FORMAT, readExcerpt } from '../audit/excerpt.ts';
import { type Receipt, readReceipt, RECEIPT_FORMAT } from '../audit/receipt.ts';
import { Check } from 'typebox/value';
import { fromUtf8 } from '../base/bytes.ts';
import { type Json, parseStrict } from '../base/canonical-json.ts';
import { check, Refusal } from '../base/errors.ts';
import { ReleaseAnswer, type Release, releaseOfAnswer } from '../client/release.ts';
import { type Io, readInput } from './io.ts';

export type Evidence =
  | { readonly kind: 'release'; readonly release: Release }
  | { readonly kind: 'receipt'; readonly receipt: Receipt }
  | { readonly kind: 'checkpoint'; readonly note: CheckpointNote }
  | { readonly kind: 'log'; readonly excerpt: Excerpt }
  | { readonly kind: 'consistency'; readonly proof: Consistency }
  | { readonly kind: 'erasure'; readonly signed: SignedErasure };

export type EvidenceFile = { readonly file: string } & Evidence;

type Members = { readonly [key: string]: Json | undefined };
const membersOf = (json: Json | undefined): Members =>
  typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Members) : {};

function readRelease(json: Json): Evidence {
  check(Check(ReleaseAnswer, json), 'PROOF_REJECTED', 'not a release of this version');
  return { kind: 'release', release: releaseOfAnswer(json) };
}

/** By the format it names; INVALID_PARAMETER for what is no evidence at all. */
function readObject(json: Json): Evidence {
  const { format, release, receipt, erasure } = membersOf(json);
  // What `run --json` prints, what the API answers, what `columns delete` prints.
  if (release !== undefined) return readRelease(release);
  if (receipt !== undefined) return readRelease(json);
  if (membersOf(erasure)['format'] === ERASURE_FORMAT) {
    return { kind: 'erasure', signed: readErasure(json) };
  }
  if (format === RECEIPT_FORMAT) return { kind: 'receipt', receipt: readReceipt(json) };
  if (format === EXCERPT_FORMAT) return { kind: 'log', excerpt: readExcerpt(json) };
  if (format === CONSISTENCY_FORMAT) return { kind: 'consistency', proof: readConsistency(json) };
  const errors = [{ pointer: '', code: 'UNKNOWN_VALUE' }];
  throw new Refusal('INVALID_PARAMETER', 'not a receipt, checkpoint, log or statement', { errors });
}

export async function readEvidence(io: Io, file: string): Promise<EvidenceFile> {
  const bytes = await readInput(io, file);
  try {
    const text = fromUtf8(bytes);
    if (text.startsWith('kakehashi/log/'))
      return { file, kind: 'checkpoint', note: readNote(text) };
    return { file, ...readObject(parseStrict(text)) };
  } catch (cause) {
    if (cause instanceof Refusal && cause.code !== 'MALFORMED_MESSAGE') throw cause;
    const detail = cause instanceof Refusal ? cause.detail : 'unreadable';
    throw new Refusal('PROOF_REJECTED', `${file}: ${detail}`, undefined, { cause });
  }
}
