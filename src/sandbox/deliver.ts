/** What the sandbox itself says to holders: unsigned, and only what proves itself. @module */
import { check } from '../base/errors.ts';
import type { SandboxFrames } from '../engine/stores/sandbox-frames.ts';
import type { Statements } from '../engine/stores/store.ts';
import { EVERYONE, SANDBOX, type UnsignedFrame, unsignedFrame } from '../flows/frame.ts';

/** The next frame of the sandbox in `run`, for every one of `holders`. */
export async function deliver(
  frames: SandboxFrames,
  tx: Statements,
  frame: Pick<UnsignedFrame, 'study' | 'run' | 'kind' | 'body'>,
  holders: readonly string[],
): Promise<void> {
  const sequence = await frames.next(tx, frame.run, SANDBOX, EVERYONE);
  const whole = unsignedFrame({ ...frame, from: SANDBOX, to: EVERYONE, sequence });
  check(
    (await frames.add(tx, whole, holders)) === 'new',
    'INTERNAL',
    `${frame.kind} frame sent before`,
  );
}
