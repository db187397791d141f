/**
 * Powers of the transforms of laws. A law's transform has absolute value at most 1; what rounding
 * put beyond that disc is brought back to its edge, nearer to the true value.
 * @module
 */

/** Real and imaginary parts. */
export type Complex = readonly [Float64Array, Float64Array];

/** product_i ← product_i·z_i^count, count ≥ 1, by squaring. */
export function multiplyPower(product: Complex, z: Complex, count: number): void {
  const [re, im] = product;
  const [zr, zi] = z;
  for (let i = 0; i < re.length; i++) {
    let [a, b] = [zr[i] ?? 0, zi[i] ?? 0];
    const size = Math.hypot(a, b);
    if (size > 1) [a, b] = [a / size, b / size];
    let [x, y] = [re[i] ?? 0, im[i] ?? 0];
    for (let rest = count; ; ) {
      if (rest % 2 === 1) [x, y] = [x * a - y * b, x * b + y * a];
      rest = Math.floor(rest / 2);
      if (rest === 0) break;
      [a, b] = [a * a - b * b, 2 * a * b];
    }
    re[i] = x;
    im[i] = y;
  }
}
