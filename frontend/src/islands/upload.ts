import { bytesIn, timeIn } from "../core/upload/pace";
import { Transfer, type State } from "../core/upload/transfer";
import { Turns } from "../core/upload/turns";
import { refresh } from "./library";

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

const turns = new Turns(FILES_AT_ONCE);
const rows = new Map<Transfer, HTMLElement>();

/** The place where files are dropped, pasted or chosen; each gets a row that tells how it goes. */
export function start(element: HTMLElement): void {
  const field = element.querySelector<HTMLInputElement>("input[type=file]");
  const take = (files: Iterable<File>): void => {
    for (const file of files) void begin(element, file);
  };
  field?.addEventListener("change", () => {
    take([...(field.files ?? [])]);
    field.value = "";
  });
  dropped(element, take);
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) take(files);
  });
  addEventListener("beforeunload", (event) => {
    if ([...rows.keys()].some((each) => each.isActive)) event.preventDefault();
  });
}

function dropped(element: HTMLElement, take: (files: Iterable<File>) => void): void {
  let depth = 0;
  const over = (change: number): void => {
    depth = Math.max(0, depth + change);
    element.toggleAttribute("data-over", depth > 0);
  };
  document.addEventListener("dragenter", () => over(1));
  document.addEventListener("dragleave", () => over(-1));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over(-depth);
    take([...(event.dataTransfer?.files ?? [])]);
  });
}

async function begin(element: HTMLElement, file: File): Promise<void> {
  const slug = element.dataset.slug ?? "";
  const transfer = new Transfer(file, slug, turns, show);
  const row = made(element, transfer);
  rows.set(transfer, row);
  await again(transfer, row);
}

async function again(transfer: Transfer, row: HTMLElement): Promise<void> {
  await transfer.run();
  if (transfer.state !== "done") return;
  rows.delete(transfer);
  row.remove();
  await refresh();
}

function made(element: HTMLElement, transfer: Transfer): HTMLElement {
  const shape = element.querySelector<HTMLTemplateElement>("template");
  const list = element.querySelector<HTMLElement>("[data-sending]");
  const row = (shape?.content.firstElementChild as HTMLElement).cloneNode(true) as HTMLElement;
  (row.querySelector("[data-name]") as HTMLElement).textContent = transfer.file.name;
  for (const [name, work] of Object.entries(deeds(transfer, row))) {
    const button = row.querySelector<HTMLButtonElement>(`[data-do=${name}]`);
    button?.setAttribute("aria-label", `${button.textContent?.trim() ?? ""} ${transfer.file.name}`);
    button?.addEventListener("click", work);
  }
  list?.append(row);
  if (list) list.hidden = false;
  return row;
}

function deeds(transfer: Transfer, row: HTMLElement): Record<string, () => void> {
  return {
    pause: () => transfer.pause(),
    resume: () => void again(transfer, row),
    cancel: () => {
      rows.delete(transfer);
      row.remove();
      void transfer.cancel().then(refresh, refresh);
    },
  };
}

let drawing = false;

/** Progress comes many times a second; the page is drawn when the browser draws. */
function show(): void {
  if (drawing) return;
  drawing = true;
  setTimeout(() => {
    drawing = false;
    for (const [transfer, row] of rows) draw(transfer, row);
  }, 100);
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
