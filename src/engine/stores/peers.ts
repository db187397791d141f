/**
 * Other processes on the same store: what wakes them, and who of them does a thing that one is to do.
 * Both are hints about work that may be repeated: nothing is decided by them alone.
 * @module
 */
export interface Peers {
  /** There may be others. */
  readonly some: boolean;
  /** Tells the others that there is something new about `topic`. */
  announce(topic: string): void;
  /** Calls `heard` with what the others announce; with undefined where something may have been missed. */
  listen(heard: (topic: string | undefined) => void): void;
  /** True where this process is the one that does `name`, until it releases it or dies. */
  claim(name: string): Promise<boolean>;
  release(name: string): Promise<void>;
}

/** The only process on its store. */
export const NO_PEERS: Peers = {
  some: false,
  announce: () => undefined,
  listen: () => undefined,
  claim: () => Promise.resolve(true),
  release: () => Promise.resolve(),
};
