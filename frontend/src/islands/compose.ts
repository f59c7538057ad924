import { files, type Files } from "../compose/files";
import { Keeper, type Words } from "../compose/keeper";
import { words } from "../compose/words";
import { call, Problem } from "../core/api";

const FIELDS = ["title", "body", "teaser", "access", "min_rank", "price", "drip_days", "comments", "kind", "tags"] as const;
const AUDIENCE_MS = 300;

/** Where a post is written: drafts save themselves, and what is typed is kept on the device until the server has it. */
export function start(form: HTMLElement): void {
  if (!(form instanceof HTMLFormElement)) return;
  words(form);
  const held = files(form, () => changed());
  const keeper = new Keeper(form, () => read(form, held), (said) => show(form, held, said));
  const changed = (): void => keeper.changed();
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => {
    keeper.sent();
    if (!keeper.busy) return;
    // What is on its way arrives first: else it would be a second draft, or somebody else's change.
    event.preventDefault();
    const button = event.submitter;
    void keeper.idle().then(() => {
      button?.removeAttribute("aria-busy");
      form.requestSubmit(button);
    });
  });
  audience(form);
  keeper.begin();
}

/** As the API takes it. What does not belong to the chosen access is left out. */
function read(form: HTMLFormElement, held: Files): Words {
  const data = new FormData(form);
  const text = (name: string): string => String(data.get(name) ?? "");
  const access = text("access") || "public";
  return {
    title: text("title"), body: text("body"), teaser: text("teaser"), access, kind: text("kind") || "post",
    comments: text("comments") || "open", warnings: data.getAll("warnings").map(String),
    min_rank: access === "rank" && text("min_rank") ? Number(text("min_rank")) : null,
    price: access === "paid" ? minor(text("price"), form.dataset.currency ?? "EUR") : null,
    drip_days: access === "members" || access === "rank" ? Number.parseInt(text("drip_days"), 10) || 0 : 0,
    assets: held.list(), tags: text("tags"),
  };
}

function show(form: HTMLFormElement, held: Files, said: Words): void {
  for (const name of FIELDS) {
    const value = said[name];
    const shown = name === "price" ? major(said.price, form.dataset.currency ?? "EUR") : value === null ? "" : String(value);
    const field = form.elements.namedItem(name);
    if (field instanceof RadioNodeList) field.value = shown;
    else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement)
      field.value = name === "drip_days" && shown === "0" ? "" : shown;
  }
  for (const box of form.querySelectorAll<HTMLInputElement>("input[name=warnings]")) {
    box.checked = said.warnings.includes(box.value);
  }
  held.set(said.assets);
  form.querySelector("textarea")?.dispatchEvent(new Event("input", { bubbles: true }));
}

/** How many people may read it, exactly, before it is published. */
function audience(form: HTMLFormElement): void {
  const place = form.querySelector<HTMLElement>("[data-audience]");
  let timer = 0;
  const ask = async (): Promise<void> => {
    const data = new FormData(form);
    const query = new URLSearchParams({ access: String(data.get("access") ?? "public") });
    if (query.get("access") === "rank" && data.get("min_rank")) query.set("min_rank", String(data.get("min_rank")));
    try {
      const found = await call<{ words: string }>("GET", `/creators/${form.dataset.slug ?? ""}/audience?${query.toString()}`);
      if (place) place.textContent = found.words;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (place) place.textContent = "";
    }
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), AUDIENCE_MS);
  };
  for (const name of ["access", "min_rank"]) {
    for (const field of form.querySelectorAll(`[name=${name}]`)) field.addEventListener("change", soon);
  }
  soon();
}

function digits(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** `4.50` and `4,50`; null for what is no price yet. */
function minor(text: string, currency: string): number | null {
  const bare = text.replace(/[^\d.,]/g, "").replace(",", ".");
  return /^\d+(\.\d*)?$/.test(bare) ? Math.round(Number(bare) * 10 ** digits(currency)) : null;
}

function major(value: number | null, currency: string): string {
  return value === null ? "" : (value / 10 ** digits(currency)).toFixed(digits(currency));
}
