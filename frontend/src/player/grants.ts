import { Problem, problemIn } from "../core/api";

const BEFORE_END_MS = 20_000;
const LEAST_WAIT_MS = 5_000;
const SOON_MS = 3_000;

/** Ways to media live less than a minute: this fetches new ones while somebody watches, and says when there are no more. */
export class Grants {
  private until: number;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking: Promise<boolean> | undefined;
  private watching = false;

  constructor(
    private readonly path: string,
    expires: string,
    private readonly ended: (problem: Problem) => void,
  ) {
    this.until = Date.parse(expires);
  }

  get isOpen(): boolean {
    return Date.now() < this.until - 2_000;
  }

  watch(on: boolean): void {
    this.watching = on;
    clearTimeout(this.timer);
    if (on) this.plan();
  }

  /** Whether the ways are open now. False: the network is away (asked again soon), or access has ended (`ended` is told). */
  async renew(): Promise<boolean> {
    this.asking ??= this.ask().finally(() => (this.asking = undefined));
    return this.asking;
  }

  private async ask(): Promise<boolean> {
    try {
      const answer = await fetch(this.path, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw problemIn(answer.status, await answer.text());
      this.until = Date.parse(((await answer.json()) as { expires_at: string }).expires_at);
    } catch (error) {
      if (error instanceof Problem && [401, 402, 403, 404, 409, 410].includes(error.status)) {
        this.watch(false);
        this.ended(error);
      } else if (this.watching) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => void this.renew(), SOON_MS);
      }
      return false;
    }
    if (this.watching) this.plan();
    return true;
  }

  private plan(): void {
    clearTimeout(this.timer);
    const wait = Math.max(LEAST_WAIT_MS, this.until - Date.now() - BEFORE_END_MS);
    this.timer = setTimeout(() => void this.renew(), this.isOpen ? wait : 0);
  }
}
