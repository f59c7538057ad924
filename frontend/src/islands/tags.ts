import { call } from "../core/api";

const WAIT_MS = 200;

/** Offers tags that are in use, for the word at the end of the field. */
export function start(element: HTMLElement): void {
  const field = element.querySelector<HTMLInputElement>("input");
  const place = element.querySelector<HTMLElement>("[data-offered]");
  if (!field || !place) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void offer(field, place), WAIT_MS);
  });
}

async function offer(field: HTMLInputElement, place: HTMLElement): Promise<void> {
  const { before, word } = parts(field.value);
  const found = word.length < 2 ? [] : await inUse(word);
  place.replaceChildren(...found.map((tag) => button(tag, () => take(field, place, `${before}${tag}, `))));
  place.hidden = found.length === 0;
}

async function inUse(word: string): Promise<string[]> {
  try {
    const found = await call<{ tag: string }[]>("GET", `/tags?${new URLSearchParams({ begins: word })}`);
    return found.map((each) => each.tag);
  } catch {
    return [];
  }
}

function parts(text: string): { before: string; word: string } {
  const comma = text.lastIndexOf(",");
  const before = comma < 0 ? "" : `${text.slice(0, comma + 1)} `;
  return { before, word: text.slice(comma + 1).trim().replace(/^#/, "") };
}

function button(tag: string, pressed: () => void): HTMLLIElement {
  const item = document.createElement("li");
  const made = document.createElement("button");
  made.type = "button";
  made.className = "tag";
  made.textContent = `#${tag}`;
  made.addEventListener("click", pressed);
  item.append(made);
  return item;
}

function take(field: HTMLInputElement, place: HTMLElement, text: string): void {
  field.value = text;
  place.hidden = true;
  field.focus();
}
