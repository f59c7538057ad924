import { Problem } from "./api";

/** Puts words into an island's place for problems, where a screen reader hears them. */
export function saying(element: HTMLElement): (words: string) => void {
  const place = element.querySelector<HTMLElement>("[data-problem]");
  return (words) => {
    if (!place) return;
    place.textContent = words;
    place.hidden = words === "";
  };
}

export function words(error: unknown, otherwise: string): string {
  if (!(error instanceof Problem)) return otherwise;
  return error.requestId && error.status >= 500 ? `${error.message} (${error.requestId})` : error.message;
}

export async function busy(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    button.removeAttribute("aria-busy");
  }
}
