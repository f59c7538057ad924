const WAIT_MS = 180;
const LEAST_LETTERS = 2;

/** Below the field appears what may be meant, while somebody types. Enter searches; arrows walk through what was found. */
export function start(form: HTMLElement): void {
  const field = form.querySelector<HTMLInputElement>("input[type=search]");
  const place = form.querySelector<HTMLElement>(".search-field__found");
  if (field && place) new Suggestions(field, place);
}

class Suggestions {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked: AbortController | undefined;
  private at = -1;

  constructor(
    private readonly field: HTMLInputElement,
    private readonly place: HTMLElement,
  ) {
    field.addEventListener("input", () => this.later());
    field.addEventListener("keydown", (event) => this.walk(event));
    field.addEventListener("focus", () => this.show(this.place.childElementCount > 0));
    document.addEventListener("pointerdown", (event) => {
      if (event.target instanceof Node && !field.form?.contains(event.target)) this.show(false);
    });
  }

  private later(): void {
    clearTimeout(this.timer);
    this.asked?.abort();
    if (this.field.value.trim().length < LEAST_LETTERS) this.fill("");
    else this.timer = setTimeout(() => void this.ask(this.field.value), WAIT_MS);
  }

  /** An older question that is answered late does not write over a newer answer. */
  private async ask(words: string): Promise<void> {
    this.asked = new AbortController();
    try {
      const answer = await fetch(`/search/suggestions?${new URLSearchParams({ q: words })}`, { signal: this.asked.signal });
      if (answer.ok) this.fill(await answer.text());
    } catch {
      // Cut off, or offline: the field still searches.
    }
  }

  private fill(html: string): void {
    this.place.innerHTML = html;
    this.at = -1;
    for (const [number, each] of this.options().entries()) each.id = `search-found-${number}`;
    this.field.removeAttribute("aria-activedescendant");
    this.show(this.place.childElementCount > 0);
  }

  private show(isShown: boolean): void {
    this.place.hidden = !isShown;
    this.field.setAttribute("aria-expanded", String(isShown));
  }

  private walk(event: KeyboardEvent): void {
    const options = this.options();
    if (event.key === "Escape" && !this.place.hidden) {
      event.preventDefault();
      this.show(false);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length > 0) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.at = (this.at + step + options.length + 1) % (options.length + 1);
      this.mark(options);
    } else if (event.key === "Enter" && options[this.at]) {
      event.preventDefault();
      options[this.at]?.click();
    }
  }

  /** The last place is the field itself. */
  private mark(options: HTMLAnchorElement[]): void {
    this.show(true);
    for (const [number, each] of options.entries()) each.setAttribute("aria-selected", String(number === this.at));
    const chosen = options[this.at];
    if (chosen) this.field.setAttribute("aria-activedescendant", chosen.id);
    else this.field.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  private options(): HTMLAnchorElement[] {
    return [...this.place.querySelectorAll<HTMLAnchorElement>("[role=option]")];
  }
}
