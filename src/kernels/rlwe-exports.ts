/** What wasm/rlwe exports; its sources say what each function is. Pointers are bytes. @module */

export type RlweExports = {
  rlwe_uniform(
    stream: number,
    tries: number,
    out: number,
    filled: number,
    n: number,
    q: number,
    mask: number,
  ): number;
  rlwe_ternary(stream: number, bytes: number, out: number, filled: number, n: number): number;
  rlwe_binomial(stream: number, out: number, n: number, mask: number): void;
  rlwe_smudge(stream: number, low: number, high: number, n: number, mask: bigint): void;
  rlwe_add(a: number, b: number, c: number, n: number, q: number): void;
  rlwe_subtract(a: number, b: number, c: number, n: number, q: number): void;
  rlwe_add_small(x: number, small: number, n: number, q: number): void;
  rlwe_add_small_words(
    x: number,
    small: number,
    low: number,
    n: number,
    q: number,
    base: number,
    wl: number,
    cl: number,
  ): void;
  rlwe_add_words(
    x: number,
    low: number,
    high: number,
    n: number,
    q: number,
    base: number,
    wl: number,
    cl: number,
    wh: number,
    ch: number,
  ): void;
  rlwe_widen(slots: number, words: number, n: number): void;
  rlwe_narrow(words: number, slots: number, n: number): void;
  rlwe_encode(words: number, low: number, high: number, n: number, qt: bigint, bits: number): void;
  rlwe_encode_narrow(words: number, n: number, qt: number, bits: number): void;
  rlwe_encode_prime(
    words: number,
    low: number,
    high: number,
    n: number,
    qt: bigint,
    t: bigint,
    ratio: number,
  ): void;
  rlwe_crt(
    x: number,
    sum: number,
    n: number,
    q: number,
    f: number,
    companion: number,
    m1: number,
    m0: number,
    rest: number,
  ): void;
  rlwe_round(sum: number, n: number, bits: number): void;
  rlwe_round_prime(sum: number, n: number, t: bigint): void;
  rlwe_pack(x: number, out: number, n: number, bits: number): void;
  rlwe_unpack(bytes: number, x: number, n: number, bits: number, q: number): number;
};
