/** Written by wasm/build.mjs: the SHA-256 of each committed kernel. @module */
export const KERNEL_DIGESTS = {
  blake2s: '6f080c9885f2cd7f0a520b753da300e07e17bf5305b79103bae0baed2b09650d',
  dice: '6b22cbcd4ce97f49afa8344f78616dcb69bd8b5370eab50878a60adafd277362',
  'expand-convolute': '0de287e40aef782034f59abd00043efe0d6aaa225ed860d6b027b3b9bf96abfc',
  gf128: '4803dc7e0c8bbaa259278243430a533e35411fa80bddaca2ab3cfe1f234f84f9',
  ggm: '90e359b6419063a2c66b350e4eb0b3b47577df65828c45c5532cf6a000c9437b',
  'match-table': '75d5b815ba3b33f7557f3ad0397612bb132c66494033978db83535f5c0316690',
  ntt: '0cdf211732dc6eb0a720a0678f07c9bcb206936d32b5d33cd8e2e95c2f7807cd',
  okvs: 'bdd615a195268c9d0cfaf231d08f498ebd69d073998fdc74ba38eccbb8558775',
  ristretto255: 'f0873c247944f73938a31d900c683dc755b8f696978a40f4f9e1bf485e593c84',
  rlwe: '45bbddef63d253dd3bdfe0ea27d98c07df59f62859b712d6171a2a6982be6f23',
} as const;
