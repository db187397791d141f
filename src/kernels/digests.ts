/** Written by wasm/build.mjs: the SHA-256 of each committed kernel. @module */
export const KERNEL_DIGESTS = {
  ntt: '0cdf211732dc6eb0a720a0678f07c9bcb206936d32b5d33cd8e2e95c2f7807cd',
} as const;
