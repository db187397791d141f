/** A holder that takes part in runs of a `SandboxLab`: the real flow, over the real HTTP routes. */
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { checkAnnouncement, readAnnouncement } from '../../src/audit/announcement.ts';
import { type Checkpoint, cosign, writeNote } from '../../src/audit/checkpoint.ts';
import { fromUtf8, utf8 } from '../../src/base/bytes.ts';
import { parseStrict } from '../../src/base/canonical-json.ts';
import { splitCborSequence } from '../../src/base/codec.ts';
import { Refusal } from '../../src/base/errors.ts';
import {
  decodeFrame,
  EVERYONE,
  encodeFrame,
  type Frame,
  type FrameKind,
  SANDBOX,
  signFrame,
} from '../../src/flows/frame.ts';
import { compileRun, readRunRequest } from '../../src/flows/pooled/compile-run.ts';
import { encodeRefusal } from '../../src/flows/pooled/refusal.ts';
import { holdPooledAggregate } from '../../src/flows/pooled-aggregate.ts';
import type { Relay } from '../../src/flows/ports.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { MemoryNetwork } from '../support/memory-network.ts';
import { LabHolder } from '../support/pooled-lab.ts';
import type { SandboxLab } from './sandbox-lab.ts';

export class WiredHolder {
  readonly name: string;
  readonly #lab: SandboxLab;
  readonly #parts: LabHolder;
  readonly #frames: Frame[] = [];
  readonly #sent = new Map<string, FrameKind[]>();
  #cursor = 0;
  #last: Checkpoint | undefined;

  /** Every cell of its cohort counts `count` people. */
  constructor(lab: SandboxLab, name: string, count: bigint) {
    this.#lab = lab;
    this.name = name;
    this.#parts = new LabHolder(name, lab.identity(name), path.join(lab.root, name));
    this.#parts.cohort = {
      epoch: () => Promise.resolve('e'.repeat(64)),
      noisedVector: (_plan, noise) => Promise.resolve(noise.map((value) => value + count)),
    };
  }

  async grant(study: Study): Promise<void> {
    const budget = study.budget.get(this.name);
    if (budget === undefined) throw new Error('no budget');
    await this.#parts.ledger.grant(study.id, budget);
    await this.#parts.book(study.id, 'e'.repeat(64));
  }

  async #pump(wait: number): Promise<void> {
    const answer = await this.#lab.inbox(this.name, this.#cursor, wait);
    // A holder goes on polling while the sandbox is down.
    if (answer.statusCode === 503) return sleep(20);
    if (answer.statusCode !== 200) throw new Error(answer.body);
    this.#frames.push(...splitCborSequence(answer.rawPayload).map(decodeFrame));
    this.#cursor = Number(answer.headers['kakehashi-cursor']);
  }

  async #find(run: string, kind: FrameKind, from: string): Promise<Uint8Array> {
    for (;;) {
      const of = this.#frames.filter((frame) => frame.run === run);
      const found = of.find((frame) => frame.kind === kind && frame.from === from);
      if (found !== undefined) return found.body;
      if (of.some((frame) => frame.kind === 'refusal')) throw new Refusal('RUN_ABORTED', this.name);
      await this.#pump(1);
    }
  }

  #relay(study: string, run: string): Relay {
    return {
      send: async (kind, to, body) => {
        const key = `${run}/${to}`;
        const sent = this.#sent.get(key) ?? [];
        if (sent.includes(kind)) return;
        this.#sent.set(key, [...sent, kind]);
        const sequence = sent.length + 1;
        const frame = { study, run, from: this.name, to, sequence, kind, body: await body() };
        await this.push(run, encodeFrame(signFrame(frame, this.#lab.identity(this.name))));
      },
      receive: (kind, from) => this.#find(run, kind, from),
    };
  }

  async push(run: string, body: Uint8Array): Promise<void> {
    const key = this.#lab.identity(this.name);
    const call = { body, type: 'application/cbor' };
    let answer = await this.#lab.call(key, 'POST', `/v1/runs/${run}/frames`, call);
    while (answer.statusCode === 503) {
      await sleep(20);
      answer = await this.#lab.call(key, 'POST', `/v1/runs/${run}/frames`, call);
    }
    if (answer.statusCode !== 202) throw new Error(answer.body);
  }

  async refuse(study: Study, run: string, refusal: Refusal, touched = false): Promise<void> {
    const body = encodeRefusal(refusal, touched);
    await this.#relay(study.id, run).send('refusal', EVERYONE, () => Promise.resolve(body));
  }

  /** The key epoch that the sandbox proposes for `run`. */
  async epoch(run: string): Promise<number> {
    const request = parseStrict(fromUtf8(await this.#find(run, 'query', 'sandbox')));
    return (request as { readonly epoch: number }).epoch;
  }

  /** Takes part in `run`; dies with SHUTTING_DOWN once the step `dieAfter` is stored. */
  async hold(study: Study, run: string, dieAfter?: string): Promise<string> {
    const request = parseStrict(fromUtf8(await this.#find(run, 'query', 'sandbox')));
    const compiled = compileRun(study, readRunRequest(request, study, this.#lab.now));
    if (compiled.run !== run) throw new Error('run id');
    this.#parts.steps.dieAfter = dieAfter;
    const ports = this.#parts.ports(new MemoryNetwork(), compiled, ExactNoise);
    const attested = await holdPooledAggregate(compiled, {
      ...ports,
      relay: this.#relay(study.id, run),
    });
    await this.cosign(study, run);
    return attested;
  }

  /** As the witness of a holder does, but that runs of the lab may be out of order. */
  async cosign(study: Study, run: string): Promise<void> {
    const announcement = readAnnouncement(await this.#find(run, 'checkpoint', SANDBOX));
    const before = this.#last !== undefined && this.#last.size <= announcement.size;
    const last = before && this.#last?.study === study.id ? this.#last : undefined;
    const { checkpoint } = checkAnnouncement(announcement, study.id, last);
    this.#last = checkpoint;
    const line = cosign(checkpoint, this.name, this.#lab.identity(this.name));
    const note = writeNote({ checkpoint, cosignatures: [line] });
    await this.#relay(study.id, run).send('cosignature', SANDBOX, () =>
      Promise.resolve(utf8(note)),
    );
  }

  async close(): Promise<void> {
    await this.#parts.close();
  }
}
