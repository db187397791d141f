/** Equal keys by their text: the oracle of the kernel's tests. */

const textOf = (key: Uint8Array): string => key.join(' ');

/** 1 where an equal key comes before. */
export function repeated(keys: readonly Uint8Array[]): Uint8Array {
  const seen = new Set<string>();
  return Uint8Array.from(keys, (key) => {
    const again = seen.has(textOf(key));
    seen.add(textOf(key));
    return again ? 1 : 0;
  });
}

/** 1 at the first of the keys that equal a probe filled up with zeros. */
export function found(keys: readonly Uint8Array[], probes: readonly Uint8Array[]): Uint8Array {
  const wanted = new Set(
    probes.map((probe) => {
      const key = new Uint8Array(16);
      key.set(probe);
      return textOf(key);
    }),
  );
  const again = repeated(keys);
  return Uint8Array.from(keys, (key, i) => (again[i] === 0 && wanted.has(textOf(key)) ? 1 : 0));
}
