import { Board } from "../core/upload/board";
import { refresh } from "./library";

/** The place where files are dropped, pasted or chosen. */
export function start(element: HTMLElement): void {
  const again = (): void => void refresh();
  const board = new Board(element, element.dataset.slug ?? "", { done: again, cancelled: again });
  const field = element.querySelector<HTMLInputElement>("input[type=file]");
  field?.addEventListener("change", () => {
    board.take([...(field.files ?? [])]);
    field.value = "";
  });
  dropped(element, (files) => board.take(files));
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) board.take(files);
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
