import { call, Problem } from "../core/api";
import { arriving } from "./arriving";

export interface Attached {
  asset_id: string;
  caption: string;
  alt: string;
}

export interface Shown extends Attached {
  name: string;
  kind: string;
  state: string;
  /** In percent, while somebody works on it. */
  progress?: number;
}

interface LibraryFile {
  id: string;
  name: string;
  kind: string;
  state: string;
}

export interface Files {
  list(): Attached[];
  set(wanted: Attached[]): void;
}

const KINDS: Record<string, string> = { video: "Film", audio: "Sound", image: "Picture", document: "Document", file: "File" };
const STATES: Record<string, string> = {
  uploading: "On its way", scanning: "Being looked through", processing: "Being prepared", failed: "Did not work",
};

/** The files of a post: from the library or uploaded here, in an order that a mouse drags and a keyboard moves. */
export function files(form: HTMLFormElement, changed: () => void): Files {
  const field = form.elements.namedItem("assets") as HTMLInputElement;
  const list = form.querySelector<HTMLOListElement>("[data-attached]");
  const known = new Map<string, Shown>();
  let order: string[] = [];

  const tell = (): void => {
    field.value = JSON.stringify(current());
    changed();
  };
  const current = (): Attached[] =>
    order.flatMap((id) => {
      const each = known.get(id);
      return each ? [{ asset_id: id, caption: each.caption, alt: each.alt }] : [];
    });
  const draw = (): void => list?.replaceChildren(...order.map((id, at) => row(known.get(id) as Shown, at)));
  // Where somebody types only the words about a file change.
  const refresh = (): void => {
    if (!list?.contains(document.activeElement)) return draw();
    order.forEach((id, at) => {
      const said = list.children[at]?.querySelector("small");
      if (said) said.textContent = saidOf(known.get(id) as Shown);
    });
  };

  const move = (id: string, to: number): void => {
    order = order.filter((each) => each !== id);
    order.splice(Math.max(0, to), 0, id);
    draw();
    tell();
  };
  const remove = (id: string): void => {
    order = order.filter((each) => each !== id);
    draw();
    tell();
  };
  const add = (each: Shown): void => {
    known.set(each.asset_id, { ...each, ...known.get(each.asset_id), state: each.state });
    if (!order.includes(each.asset_id)) order.push(each.asset_id);
    draw();
    tell();
  };

  const row = (each: Shown, at: number): HTMLLIElement => {
    const made = document.createElement("li");
    made.className = "attached__row";
    made.draggable = true;
    made.append(
      part("span", "strong cut", each.name || "A file"),
      part("small", "soft", saidOf(each)),
      told(each, "caption", "Caption"),
      ...(each.kind === "image" ? [told(each, "alt", "What it shows, for those who do not see it")] : []),
      buttons(each, at),
    );
    made.addEventListener("dragstart", (event) => event.dataTransfer?.setData("text/plain", each.asset_id));
    made.addEventListener("dragover", (event) => event.preventDefault());
    made.addEventListener("drop", (event) => {
      const id = event.dataTransfer?.getData("text/plain") ?? "";
      if (!order.includes(id)) return;
      event.preventDefault();
      event.stopPropagation();
      move(id, at);
    });
    return made;
  };
  const told = (each: Shown, name: "caption" | "alt", label: string): HTMLInputElement => {
    const input = document.createElement("input");
    input.className = "input";
    input.maxLength = 500;
    input.value = each[name];
    input.placeholder = label;
    input.setAttribute("aria-label", `${label}: ${each.name}`);
    input.addEventListener("input", () => {
      each[name] = input.value;
      tell();
    });
    return input;
  };
  const buttons = (each: Shown, at: number): HTMLElement => {
    const made = part("span", "row attached__do", "");
    for (const [words, label, work, off] of [
      ["↑", "Up", () => move(each.asset_id, at - 1), at === 0],
      ["↓", "Down", () => move(each.asset_id, at + 1), at === order.length - 1],
      ["×", "Take out", () => remove(each.asset_id), false],
    ] as [string, string, () => void, boolean][]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "round-button";
      button.textContent = words;
      button.disabled = off;
      button.setAttribute("aria-label", `${label}: ${each.name}`);
      button.addEventListener("click", work);
      made.append(button);
    }
    return made;
  };

  for (const each of parsed(field.value)) {
    known.set(each.asset_id, each);
    order.push(each.asset_id);
  }
  field.value = JSON.stringify(current());
  draw();
  library(form, add);
  arriving(form, { add, remove, shown: () => order.map((id) => known.get(id) as Shown), redraw: refresh });
  return {
    list: current,
    set: (wanted) => {
      for (const each of wanted) {
        known.set(each.asset_id, { name: "A file", kind: "file", state: "ready", ...known.get(each.asset_id), ...each });
      }
      order = wanted.map((each) => each.asset_id);
      field.value = JSON.stringify(current());
      draw();
    },
  };
}

function saidOf(each: Shown): string {
  const far = each.progress === undefined ? "" : `${String(each.progress)} %`;
  return [KINDS[each.kind] ?? "File", STATES[each.state], far].filter(Boolean).join(" · ");
}

function parsed(text: string): Shown[] {
  try {
    return JSON.parse(text || "[]") as Shown[];
  } catch {
    return [];
  }
}

function part(tag: string, klass: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = klass;
  made.textContent = text;
  return made;
}

function library(form: HTMLFormElement, add: (each: Shown) => void): void {
  const dialog = form.querySelector<HTMLDialogElement>("[data-library]");
  const list = dialog?.querySelector<HTMLElement>("[data-library-list]");
  const said = dialog?.querySelector<HTMLElement>("[data-library-said]");
  if (!dialog || !list || !said) return;
  form.querySelector("[data-do=close-library]")?.addEventListener("click", () => dialog.close());
  form.querySelector("[data-do=library]")?.addEventListener("click", () => {
    dialog.showModal();
    void fill();
  });
  const fill = async (): Promise<void> => {
    try {
      const found = await call<{ items: LibraryFile[] }>("GET", `/creators/${form.dataset.slug ?? ""}/files?limit=50`);
      said.textContent = found.items.length ? "" : "There is nothing yet. Upload something here or in the library.";
      list.replaceChildren(...found.items.filter((each) => each.state !== "failed").map(choice));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      said.textContent = error.message;
    }
  };
  const choice = (each: LibraryFile): HTMLElement => {
    const row = document.createElement("li");
    const text = part("div", "rows__text", "");
    text.append(part("span", "strong", each.name));
    text.append(part("small", "", [KINDS[each.kind] ?? "File", STATES[each.state]].filter(Boolean).join(" · ")));
    const button = part("button", "button button--quiet button--small", "Put it in") as HTMLButtonElement;
    button.type = "button";
    button.setAttribute("aria-label", `Put in ${each.name}`);
    button.addEventListener("click", () => {
      add({ asset_id: each.id, name: each.name, kind: each.kind, state: each.state, caption: "", alt: "" });
      dialog.close();
    });
    row.append(text, button);
    return row;
  };
}
