import { icon, make } from "./view";

export interface Choice {
  label: string;
  chosen: boolean;
  choose: () => void;
}

export interface Part {
  title: string;
  choices: Choice[];
}

/** A button that opens a short list of choices. Arrows move, Escape closes, and the focus comes back. */
export class Menu {
  readonly element = make("div", "player__menu");
  private readonly opener: HTMLButtonElement;
  private readonly list = make("div", "player__choices", { role: "menu", hidden: "" });

  constructor(
    name: string,
    picture: string,
    private readonly parts: () => Part[],
  ) {
    this.opener = make("button", "player__button", { type: "button", "aria-haspopup": "menu", "aria-expanded": "false" });
    this.opener.setAttribute("aria-label", name);
    this.opener.title = name;
    this.opener.innerHTML = icon(picture);
    this.list.setAttribute("aria-label", name);
    this.opener.addEventListener("click", () => (this.list.hidden ? this.open() : this.close(true)));
    this.list.addEventListener("keydown", (event) => this.move(event));
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.close(false);
    });
    this.element.append(this.opener, this.list);
  }

  show(on: boolean): void {
    this.element.hidden = !on;
  }

  mark(on: boolean): void {
    this.opener.classList.toggle("is-on", on);
  }

  get isOpen(): boolean {
    return !this.list.hidden;
  }

  private open(): void {
    this.list.replaceChildren();
    for (const part of this.parts()) {
      if (!part.choices.length) continue;
      const group = make("div", "player__part", { role: "group", "aria-label": part.title });
      const title = make("p", "player__part-title", { "aria-hidden": "true" });
      title.textContent = part.title;
      group.append(title, ...part.choices.map((choice) => this.item(choice)));
      this.list.append(group);
    }
    this.list.hidden = false;
    this.opener.setAttribute("aria-expanded", "true");
    (this.list.querySelector<HTMLElement>("[aria-checked=true]") ?? this.list.querySelector<HTMLElement>("button"))?.focus();
  }

  private item(choice: Choice): HTMLButtonElement {
    const item = make("button", "player__choice", { type: "button", role: "menuitemradio", "aria-checked": String(choice.chosen), tabindex: "-1" });
    item.textContent = choice.label;
    item.addEventListener("click", () => {
      choice.choose();
      this.close(true);
    });
    return item;
  }

  private close(back: boolean): void {
    if (this.list.hidden) return;
    this.list.hidden = true;
    this.opener.setAttribute("aria-expanded", "false");
    if (back) this.opener.focus();
  }

  private move(event: KeyboardEvent): void {
    const items = [...this.list.querySelectorAll<HTMLElement>("button")];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Escape") this.close(true);
    else if (to !== undefined) items[(to + items.length) % items.length]?.focus();
    else if (event.key !== "Enter" && event.key !== " " && event.key !== "Tab") return;
    else {
      event.stopPropagation();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
