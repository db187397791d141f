/** Written by wasm/build.mjs: the SHA-256 of each committed kernel. @module */
export const KERNEL_DIGESTS = {
  'blake2s': 'f0cd122647a12fa131675e246eb56b4b997f9f111a05101799d36fcbd1a7e1e6',
  dice: '6b22cbcd4ce97f49afa8344f78616dcb69bd8b5370eab50878a60adafd277362',
  'expand-convolute': 'c067f6743065263aa27e2b9f520cd50c2d22decbf978e5358693f304822ec45f',
  'gf128': '4803dc7e0c8bbaa259278243430a533e35411fa80bddaca2ab3cfe1f234f84f9',
  ggm: '90e359b6419063a2c66b350e4eb0b3b47577df65828c45c5532cf6a000c9437b',
  'match-table': '624badfaacd7db45151f9b1d3d9629d443136daafd451c7458b8bf005546fcb5',
  ntt: '0cdf211732dc6eb0a720a0678f07c9bcb206936d32b5d33cd8e2e95c2f7807cd',
  okvs: 'bdd615a195268c9d0cfaf231d08f498ebd69d073998fdc74ba38eccbb8558775',
  'ristretto255': 'f0873c247944f73938a31d900c683dc755b8f696978a40f4f9e1bf485e593c84',
  rlwe: 'deac90871f415af6d7c17e74140f6e2f685dea488d0656753caccf2c22fa966a',
} as const;
