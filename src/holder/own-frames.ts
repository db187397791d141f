/** What a holder that came back from a backup takes back from the sandbox: its own word (recovery.ts). @module */
import { check } from '../base/errors.ts';
import type { SigningKey } from '../base/sign.ts';
import type { SandboxWire } from '../engine/transport/sandbox-wire.ts';
import { checkFrameSignature, decodeKept, type Frame } from '../flows/frame.ts';

export type OwnFramesOptions = {
  readonly wire: SandboxWire;
  readonly holder: string;
  readonly key: SigningKey;
  readonly closing: AbortSignal;
};

/** Everything that the sandbox has of this holder, and how far it had read. */
export async function ownFrames({
  wire,
  holder,
  key,
  closing,
}: OwnFramesOptions): Promise<{ sent: Frame[]; position: number }> {
  const sent: Frame[] = [];
  for (let after = 0; ; ) {
    const page = await wire.sent(after, closing);
    for (const bytes of page.frames) {
      const { frame, digest } = decodeKept(bytes);
      check(frame.from === holder, 'SANDBOX_RESPONSE', 'frame of another');
      checkFrameSignature(frame, key.publicText, digest);
      sent.push(frame);
    }
    if (page.frames.length === 0) return { sent, position: page.acknowledged };
    after = page.cursor;
  }
}
