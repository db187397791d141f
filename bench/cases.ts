/** Every case by name. A module is loaded only when its case runs. @module */
import type { BenchCase } from './case.ts';

type Load = () => Promise<{ readonly default: BenchCase }>;

export const CASES: Readonly<Record<string, Load>> = {
  'kernel/ntt': () => import('./cases/kernel-ntt.ts'),
  'kernel/ristretto255': () => import('./cases/kernel-ristretto255.ts'),
  'kernel/blake2s': () => import('./cases/kernel-blake2s.ts'),
  'kernel/gf128': () => import('./cases/kernel-gf128.ts'),
  'kernel/ggm': () => import('./cases/kernel-ggm.ts'),
  'kernel/okvs': () => import('./cases/kernel-okvs.ts'),
  'kernel/expand-convolute': () => import('./cases/kernel-expand-convolute.ts'),
  'kernel/match-table': () => import('./cases/kernel-match-table.ts'),
  'dp/gaussian': () => import('./cases/dp-gaussian.ts'),
  'dp/laplace': () => import('./cases/dp-laplace.ts'),
  'dp/pld': () => import('./cases/dp-pld.ts'),
  'plan/price': () => import('./cases/plan-price.ts'),
  'ledger/reserve': () => import('./cases/ledger-reserve.ts'),
  'he/encrypt': () => import('./cases/he-encrypt.ts'),
  'he/add': () => import('./cases/he-add.ts'),
  'he/share': () => import('./cases/he-share.ts'),
  'he/combine': () => import('./cases/he-combine.ts'),
  'he/pooled': () => import('./cases/he-pooled.ts'),
  'he/paillier-encrypt': () => import('./cases/he-paillier-encrypt.ts'),
  'he/paillier-decrypt': () => import('./cases/he-paillier-decrypt.ts'),
  'he/columns': () => import('./cases/he-columns.ts'),
  'he/columns-groups': () => import('./cases/he-columns-groups.ts'),
  'psi/vole': () => import('./cases/psi-vole.ts'),
  'psi/vole-threads': () => import('./cases/psi-vole-threads.ts'),
  'psi/ecdh': () => import('./cases/psi-ecdh.ts'),
  'psi/oprf': () => import('./cases/psi-oprf.ts'),
  'linkage/dice': () => import('./cases/linkage-dice.ts'),
  'flow/pooled': () => import('./cases/flow-pooled.ts'),
  'image/meter': () => import('./cases/image-meter.ts'),
  'image/run': () => import('./cases/image-run.ts'),
  'image/start': () => import('./cases/image-start.ts'),
  'flow/linked': () => import('./cases/flow-linked.ts'),
};

/** All cases, one, or a family such as `he`. */
export const casesNamed = (wanted: string): string[] =>
  Object.keys(CASES).filter(
    (name) => wanted === '' || name === wanted || name.startsWith(`${wanted}/`),
  );

export async function loadCase(name: string): Promise<BenchCase> {
  const load = CASES[name];
  if (load === undefined) throw new Error(`no case is called ${name}`);
  return (await load()).default;
}
