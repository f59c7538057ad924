import { fresh } from "../core/once";

const SAYS_SO_MS = 2500;

export function copyButtons(root: ParentNode): void {
  for (const button of fresh<HTMLButtonElement>(root, "button[data-copy]", "copies")) {
    button.addEventListener("click", () => void copy(button));
  }
  for (const button of fresh<HTMLButtonElement>(root, "button[data-print]", "prints")) {
    button.addEventListener("click", () => window.print());
  }
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const source = document.querySelector<HTMLElement>(button.dataset.copy ?? "");
  const words = button.querySelector<HTMLElement>("[data-words]") ?? button;
  if (!source) return;
  const before = words.textContent;
  try {
    await navigator.clipboard.writeText(source.innerText.trim());
    words.textContent = "Copied";
  } catch {
    getSelection()?.selectAllChildren(source);
    words.textContent = "Press Ctrl+C";
  }
  setTimeout(() => (words.textContent = before), SAYS_SO_MS);
}
