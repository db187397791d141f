/**
 * The library entry `kakehashi/dp`: differential privacy on integers and fractions. dp/README.md has
 * worked examples.
 *
 *     seededBytes → gaussianSampler, laplaceSampler, ...        exact noise
 *     countSensitivity → varianceFor, rhoFor, tailAtMost        what noise a release needs, and costs
 *     dyadicTree, permuteAndFlip, releaseKeys, ...              mechanisms
 *     Composition → epsilonUp, deltaUp, truePositivesUp         prices of plans fixed beforehand
 *     ZcdpFilter, RdpFilter, Odometer                           what may be spent, and was
 *
 * Nothing that is charged or drawn is ever a double; what is computed in doubles says so and is for
 * reading. Every file names its paper, its contract, and what it leaks.
 * @module
 */
export { Rational } from '../base/rational.ts';
export { type Rng, systemRng } from '../base/rng.ts';
export { Secret } from '../base/secret.ts';
export {
  countSensitivity,
  momentSensitivity,
  productNoise,
  type Sensitivity,
} from './contribution.ts';
export { expNegative, lnUp } from './exponential.ts';
export { attackerPercent, attackerSuccess } from './accountant/attacker.ts';
export { Composition, type Part } from './accountant/composition.ts';
export {
  answersWithin,
  groupPrivacy,
  groupRho,
  homogeneousEpsilon,
} from './accountant/conversions.ts';
export { PureFilter, RdpFilter, ZcdpFilter } from './accountant/filters.ts';
export {
  gaussianDelta,
  gaussianEpsilon,
  gaussianMu,
  gaussianSigma,
  gaussianTruePositives,
} from './accountant/gaussian-dp.ts';
export { LatticeBuilder, LatticeLoss } from './accountant/lattice-loss.ts';
export {
  discreteGaussianLoss,
  discreteLaplaceLoss,
  gaussianLoss,
  laplaceLoss,
  type Mechanism,
  noiseLoss,
  pairLoss,
} from './accountant/loss-of.ts';
export { exponentialEpsilon, pureEpsilon } from './accountant/epsilon-for.ts';
export { Odometer, wheneverEpsilonUp } from './accountant/odometer.ts';
export { lawDelta, lawEpsilon, twoLaplaceLaw } from './accountant/outsider-law.ts';
export {
  RDP_ORDERS,
  rdpEpsilon,
  rdpOfLaplace,
  rdpOfPure,
  rdpOfResponse,
  rdpOfRho,
  rdpSum,
} from './accountant/rdp.ts';
export { outsiderRho } from './accountant/shares.ts';
export { type SmoothMoves, smoothView } from './accountant/smooth-view.ts';
export { type MovedCells, type View, viewOf } from './accountant/view.ts';
export { epsilonUp, rhoOfPure, zcdpDelta, zcdpEpsilon } from './accountant/zcdp.ts';
export { rhoFor, rhoForHalfWidth, tailAtMost, varianceFor } from './mechanism/discrete-gaussian.ts';
export { type Answers, privateQuantile, quantileReach } from './mechanism/answer-quantile.ts';
export {
  laplaceAccuracy,
  laplaceEpsilon,
  laplaceLaw,
  laplaceScaleFor,
  laplaceVariance,
} from './mechanism/discrete-laplace.ts';
export { type DummyLaw, drawDummies, dummyDelta, dummyLaw } from './mechanism/dummies.ts';
export { consistentLeaves, prefixVariance } from './mechanism/dyadic-consistency.ts';
export {
  dyadicCounts,
  dyadicSensitivity,
  type DyadicTree,
  dyadicTree,
  levelOffset,
  pathOf,
} from './mechanism/dyadic.ts';
export {
  convolve,
  deltaAt,
  gaussianLaw,
  gaussianSharesLaw,
  type Law,
} from './mechanism/gaussian-law.ts';
export { type PartitionCost, PartitionSelection } from './mechanism/partition-selection.ts';
export {
  type RandomisedResponse,
  respond,
  responseEpsilon,
  responseEstimates,
} from './mechanism/randomised-response.ts';
export { regressionRow, regressionSums } from './mechanism/regression.ts';
export {
  exponentialMechanism,
  exponentialRho,
  permuteAndFlip,
  quantileScores,
  type Selection,
} from './mechanism/selection.ts';
export { topCandidates, topReach, type TopSelection } from './mechanism/top-candidates.ts';
export {
  type WinsorCost,
  type Winsorised,
  winsorFence,
  winsorisedSum,
} from './mechanism/winsorised-mean.ts';
export {
  reaches,
  releaseKeys,
  type Threshold,
  thresholdDelta,
  thresholdEpsilon,
  thresholdFor,
} from './mechanism/threshold.ts';
export { bernoulli, bernoulliExp } from './sampler/bernoulli-exp.ts';
export { type ByteSource, bytesOf, seededBytes } from './sampler/byte-source.ts';
export { gaussianSampler } from './sampler/discrete-gaussian.ts';
export { geometricSampler, laplaceSampler } from './sampler/discrete-laplace.ts';
export { drawVector, type IntegerSampler } from './sampler/integer-sampler.ts';
export { uniformBelow } from './sampler/uniform.ts';
