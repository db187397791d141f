/**
 * What carries the messages of a two-party protocol: frames in order, each whole, both ways.
 *
 * A channel is owned by the caller, who also secures it (sealing, authentication, numbering on a
 * wire) and closes it when a party refuses. `receive` rejects when the other side is gone; a
 * protocol lets that rejection through. Frames given to `send` belong to the channel from then on.
 * @module
 */

/** The largest frame that a protocol sends or accepts: 16 MiB. */
export const MAX_FRAME_BYTES = 1 << 24;

export type Channel = {
  send(bytes: Uint8Array): Promise<void>;
  receive(): Promise<Uint8Array>;
};
