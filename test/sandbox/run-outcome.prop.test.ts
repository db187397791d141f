/**
 * Model-based: two holders go through a run in any order, deliver late, refuse at any time and die for good;
 * the model knows who really touched data. Whatever the sandbox has seen by then, the state that it gives
 * the run is never free where a holder touched data, and never charged where nobody can have.
 * Control: an outcome that believes refusals alone.
 */
import { ok, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import type { ErrorCode } from '../../src/base/errors.ts';
import type { FrameKind } from '../../src/flows/frame.ts';
import type { RunState } from '../../src/flows/ports.ts';
import { type OutcomeFacts, outcomeOf } from '../../src/sandbox/run-outcome.ts';

const HOLDERS = ['jp', 'lu'];
const STEPS: readonly FrameKind[] = ['reservation', 'contribution', 'share', 'receipt'];

type Model = {
  /** Sent by each holder, in order. */
  readonly sent: Map<string, FrameKind[]>;
  /** How much of it the sandbox has, and with it everybody. */
  readonly arrived: Map<string, number>;
  readonly touched: Set<string>;
  readonly refusals: { holder: string; code: ErrorCode; touched: boolean; at: number }[];
};
type Real = { outcome(model: Model): RunState };

const has = (model: Model, holder: string): readonly FrameKind[] =>
  (model.sent.get(holder) ?? []).slice(0, model.arrived.get(holder) ?? 0);
const everybodyReserved = (model: Model): boolean =>
  HOLDERS.every((holder) => has(model, holder).includes('reservation'));
const refused = (model: Model, holder: string): boolean =>
  model.refusals.some((one) => one.holder === holder);
const heard = (model: Model): Model['refusals'] =>
  model.refusals.filter(({ holder, at }) => (model.arrived.get(holder) ?? 0) >= at);

const factsOf = (model: Model, code: ErrorCode): OutcomeFacts => ({
  holders: HOLDERS,
  history: HOLDERS.flatMap((from) => has(model, from).map((kind) => ({ from, kind }))),
  refusals: heard(model),
  code,
});

/** What the sandbox would say now, held to what is true. */
function hold(model: Model, real: Real): void {
  if (heard(model).length === 0) return;
  const state = real.outcome(model);
  const charged = state === 'incomplete' || state === 'stopped';
  if (model.touched.size > 0)
    ok(charged, `${state}, and ${[...model.touched].join()} touched data`);
  const nobodyCan =
    !everybodyReserved(model) ||
    HOLDERS.every(
      (one) =>
        refused(model, one) &&
        !model.touched.has(one) &&
        heard(model).some(({ holder }) => holder === one),
    );
  if (model.touched.size === 0 && nobodyCan)
    ok(state !== 'incomplete', `${state}, and nobody can have touched data`);
}

class Step implements fc.Command<Model, Real> {
  readonly holder: string;
  constructor(holder: string) {
    this.holder = holder;
  }
  check(model: Model): boolean {
    const done = model.sent.get(this.holder)?.length ?? 0;
    if (refused(model, this.holder) || done >= STEPS.length) return false;
    // Nobody contributes, and so touches data, before every reservation is there (rulings 18).
    return (
      STEPS[done] !== 'contribution' || (everybodyReserved(model) && heard(model).length === 0)
    );
  }
  run(model: Model, real: Real): void {
    const sent = model.sent.get(this.holder) ?? [];
    const kind = STEPS[sent.length]!;
    if (kind === 'contribution') model.touched.add(this.holder);
    model.sent.set(this.holder, [...sent, kind]);
    hold(model, real);
  }
  toString(): string {
    return `step of ${this.holder}`;
  }
}

class Arrive implements fc.Command<Model, Real> {
  readonly holder: string;
  constructor(holder: string) {
    this.holder = holder;
  }
  check(model: Model): boolean {
    const queued =
      (model.sent.get(this.holder)?.length ?? 0) + (refused(model, this.holder) ? 1 : 0);
    return (model.arrived.get(this.holder) ?? 0) < queued;
  }
  run(model: Model, real: Real): void {
    model.arrived.set(this.holder, (model.arrived.get(this.holder) ?? 0) + 1);
    hold(model, real);
  }
  toString(): string {
    return `arrival from ${this.holder}`;
  }
}

class Refuse implements fc.Command<Model, Real> {
  readonly holder: string;
  readonly code: ErrorCode;
  constructor(holder: string, code: ErrorCode) {
    this.holder = holder;
    this.code = code;
  }
  check(model: Model): boolean {
    return !refused(model, this.holder);
  }
  run(model: Model, real: Real): void {
    const touched = model.touched.has(this.holder);
    const at = (model.sent.get(this.holder)?.length ?? 0) + 1;
    model.refusals.push({ holder: this.holder, code: this.code, touched, at });
    hold(model, real);
  }
  toString(): string {
    return `${this.holder} refuses with ${this.code}`;
  }
}

const holder = fc.constantFrom(...HOLDERS);
const code = fc.constantFrom<ErrorCode>(
  'BUDGET_EXHAUSTED',
  'RUN_ABORTED',
  'COHORT_MISSING',
  'SUM_REJECTED',
  'RUN_INCOMPLETE',
);
const commands = fc.commands(
  [
    holder.map((one) => new Step(one)),
    holder.map((one) => new Step(one)),
    holder.map((one) => new Arrive(one)),
    holder.map((one) => new Arrive(one)),
    holder.map((one) => new Step(one)),
    holder.map((one) => new Arrive(one)),
    fc.tuple(holder, code).map(([one, why]) => new Refuse(one, why)),
  ],
  { maxCommands: 40, size: 'max' },
);

const check = (outcome: Real['outcome']): void =>
  fc.assert(
    fc.property(commands, (all) => {
      const model: Model = {
        sent: new Map(),
        arrived: new Map(),
        touched: new Set(),
        refusals: [],
      };
      fc.modelRun(() => ({ model, real: { outcome } }), all);
    }),
    { numRuns: 800 },
  );

const decided = (model: Model): ErrorCode => {
  const all = heard(model);
  return (all.find((one) => one.code !== 'RUN_ABORTED') ?? all[0]!).code;
};

test('a run is never free where a holder touched data, nor charged where nobody can have', () => {
  check((model) => outcomeOf(factsOf(model, decided(model))));
});

test('control: an outcome that believes refusals alone is found', () => {
  throws(() => {
    check((model) => (heard(model).some(({ touched }) => touched) ? 'incomplete' : 'aborted'));
  });
});
