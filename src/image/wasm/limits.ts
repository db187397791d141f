/** Bounds of a binary: a few bytes may declare four thousand million locals. @module */

export const WASM_LIMITS = {
  bytes: 1 << 20,
  types: 1024,
  parameters: 64,
  functions: 4096,
  bodyBytes: 1 << 16,
  locals: 1024,
  globals: 1024,
  exports: 64,
  tableEntries: 4096,
  segments: 1024,
  /** 64 MiB. */
  pages: 1024,
  name: 64,
} as const;

export const PAGE_BYTES = 1 << 16;
