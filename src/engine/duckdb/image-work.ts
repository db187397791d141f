/**
 * The programs of a plan at one holder: those that run here while rows are read, and those that the sandbox runs
 * afterwards over what was sealed meanwhile.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Plan } from '../../cohort/plan.ts';
import type { DuringRun } from '../../flows/during-run.ts';
import type { Images, Upload } from '../../flows/image-ports.ts';
import type { TableFacts } from './compile-sql.ts';
import { imageSums, type ImageSums, type ValueSum } from './image-sums.ts';
import type { Session } from './session.ts';

/** A program of a plan, and its upload where it runs in the sandbox. */
type Program = { readonly sums: ImageSums; readonly upload: Upload | undefined };

export class ImageWork {
  readonly #images: Images | undefined;
  readonly #programs: readonly Program[];

  private constructor(images: Images | undefined, programs: readonly Program[]) {
    this.#images = images;
    this.#programs = programs;
  }

  static async open(plan: Plan, images: Images | undefined, run?: string): Promise<ImageWork> {
    const programs = imageSums(plan, run).map(async (sums) => {
      const isLocal = sums.call.content.operator === undefined;
      return { sums, upload: isLocal ? undefined : await images?.upload(sums.call) };
    });
    return new ImageWork(images, await Promise.all(programs));
  }

  /** While rows are open: programs that run here are run, tables of the others are sealed. */
  async read(session: Session, facts: TableFacts, signal: AbortSignal): Promise<void> {
    for (const { sums, upload } of this.#programs) {
      check(this.#images !== undefined, 'INTERNAL', 'no images here');
      const tables = sums.tables(session, facts);
      if (upload === undefined) await this.#images.answers(sums.call, tables, sums.add, signal);
      else await upload.fill(tables, signal);
    }
  }

  /** The sandbox's part, also after a fault, so that nobody outside can tell. Refuses with PLACE_UNAVAILABLE. */
  async handOver({ ended }: Pick<DuringRun, 'ended'>): Promise<void> {
    for (const { sums, upload } of this.#programs) await upload?.run(sums.add, ended);
  }

  values(): ValueSum[] {
    return this.#programs.flatMap(({ sums }) => sums.values());
  }

  async close(): Promise<void> {
    for (const { upload } of this.#programs) await upload?.close();
  }
}
