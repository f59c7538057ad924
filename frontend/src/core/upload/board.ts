import { bytesIn, timeIn } from "./pace";
import { Transfer, type State } from "./transfer";
import { Turns } from "./turns";

const FILES_AT_ONCE = 2;
const WORDS: Record<State, string> = {
  waiting: "Waits for its turn",
  sending: "On its way",
  paused: "Paused",
  offline: "No connection. It goes on by itself",
  completing: "Almost there",
  done: "It is here",
  failed: "It did not work",
  elsewhere: "Another tab sends it",
};

export interface Wishes {
  /** The server knows it; its bytes are on their way. */
  begun?(transfer: Transfer): void;
  done(transfer: Transfer): void;
  cancelled(transfer: Transfer): void;
}

/** The files on their way from a page, each with a row that tells how it goes. */
export class Board {
  readonly #turns = new Turns(FILES_AT_ONCE);
  readonly #rows = new Map<Transfer, HTMLElement>();
  readonly #known = new Set<Transfer>();
  #drawing = false;

  constructor(
    private readonly element: HTMLElement,
    private readonly slug: string,
    private readonly wishes: Wishes,
  ) {
    addEventListener("beforeunload", (event) => {
      if (this.isBusy) event.preventDefault();
    });
  }

  get isBusy(): boolean {
    return [...this.#rows.keys()].some((each) => each.isActive);
  }

  take(files: Iterable<File>): void {
    for (const file of files) {
      const transfer = new Transfer(file, this.slug, this.#turns, (changed) => this.#changed(changed));
      const row = this.#row(transfer);
      this.#rows.set(transfer, row);
      void this.#run(transfer, row);
    }
  }

  async #run(transfer: Transfer, row: HTMLElement): Promise<void> {
    await transfer.run();
    if (transfer.state !== "done") return;
    this.#gone(transfer, row);
    this.wishes.done(transfer);
  }

  #changed(transfer: Transfer): void {
    if (transfer.assetId && !this.#known.has(transfer)) {
      this.#known.add(transfer);
      this.wishes.begun?.(transfer);
    }
    this.#draw();
  }

  #gone(transfer: Transfer, row: HTMLElement): void {
    this.#rows.delete(transfer);
    row.remove();
    const list = this.element.querySelector<HTMLElement>("[data-sending]");
    if (list) list.hidden = this.#rows.size === 0;
  }

  #row(transfer: Transfer): HTMLElement {
    const shape = this.element.querySelector<HTMLTemplateElement>("template");
    const list = this.element.querySelector<HTMLElement>("[data-sending]");
    const row = (shape?.content.firstElementChild as HTMLElement).cloneNode(true) as HTMLElement;
    (row.querySelector("[data-name]") as HTMLElement).textContent = transfer.file.name;
    const deeds: Record<string, () => void> = {
      pause: () => transfer.pause(),
      resume: () => void this.#run(transfer, row),
      cancel: () => {
        this.#gone(transfer, row);
        const then = (): void => this.wishes.cancelled(transfer);
        void transfer.cancel().then(then, then);
      },
    };
    for (const [name, work] of Object.entries(deeds)) {
      const button = row.querySelector<HTMLButtonElement>(`[data-do=${name}]`);
      button?.setAttribute("aria-label", `${button.textContent?.trim() ?? ""} ${transfer.file.name}`);
      button?.addEventListener("click", work);
    }
    list?.append(row);
    if (list) list.hidden = false;
    return row;
  }

  /** Progress comes many times a second; the page is drawn ten times at most. */
  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    setTimeout(() => {
      this.#drawing = false;
      for (const [transfer, row] of this.#rows) draw(transfer, row);
    }, 100);
  }
}

function draw(transfer: Transfer, row: HTMLElement): void {
  const bar = row.querySelector<HTMLProgressElement>("progress");
  if (bar) bar.value = transfer.file.size ? (transfer.sent / transfer.file.size) * 100 : 0;
  row.dataset.state = transfer.state;
  const said = row.querySelector<HTMLElement>("[data-said]");
  const figures = row.querySelector<HTMLElement>("[data-figures]");
  const words = transfer.state === "failed" ? transfer.problem : WORDS[transfer.state];
  if (said && said.textContent !== words) said.textContent = words;
  if (figures) figures.textContent = figuresOf(transfer);
  button(row, "pause", transfer.isActive && transfer.state !== "completing");
  button(row, "resume", ["paused", "failed", "elsewhere"].includes(transfer.state));
}

function button(row: HTMLElement, name: string, shown: boolean): void {
  const found = row.querySelector<HTMLElement>(`[data-do=${name}]`);
  if (found) found.hidden = !shown;
}

function figuresOf(transfer: Transfer): string {
  const total = transfer.file.size;
  const parts = [`${bytesIn(transfer.sent)} of ${bytesIn(total)}`];
  const rate = transfer.state === "sending" ? transfer.pace.rate() : 0;
  if (rate > 0) parts.push(`${bytesIn(rate)}/s`, `${timeIn((total - transfer.sent) / rate)} left`);
  return parts.join(" · ");
}
