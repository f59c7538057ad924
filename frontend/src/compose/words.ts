import { call, Problem } from "../core/api";

const SOON_MS = 400;

/** The bar that shapes words, a paste that brings no foreign markup, and a preview made by the server as readers will see it. */
export function words(form: HTMLFormElement): void {
  const field = form.querySelector<HTMLTextAreaElement>("textarea[name=body]");
  if (!field) return;
  for (const button of form.querySelectorAll<HTMLButtonElement>("[data-tool]")) {
    button.addEventListener("click", () => shape(field, button.dataset.tool ?? ""));
  }
  field.addEventListener("keydown", (event) => {
    const tool = { b: "bold", i: "slant", k: "link" }[event.key.toLowerCase()];
    if (!tool || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    shape(field, tool);
  });
  field.addEventListener("paste", (event) => {
    const html = event.clipboardData?.getData("text/html");
    const clean = html ? asMarkdown(html) : "";
    if (!clean || clean === event.clipboardData?.getData("text/plain").trim()) return;
    event.preventDefault();
    insert(field, clean);
  });
  preview(form, field);
}

function shape(field: HTMLTextAreaElement, tool: string): void {
  const chosen = field.value.slice(field.selectionStart, field.selectionEnd);
  if (tool === "bold") around(field, "**", "**", chosen || "bold");
  else if (tool === "slant") around(field, "*", "*", chosen || "slanted");
  else if (tool === "link") around(field, "[", "](https://)", chosen || "words");
  else lines(field, { heading: "## ", list: "- ", quote: "> " }[tool] ?? "");
}

function around(field: HTMLTextAreaElement, before: string, after: string, text: string): void {
  const at = field.selectionStart;
  insert(field, before + text + after);
  field.setSelectionRange(at + before.length, at + before.length + text.length);
}

/** At the beginning of each chosen line; where all have it, it goes. */
function lines(field: HTMLTextAreaElement, mark: string): void {
  const start = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const chosen = field.value.slice(start, field.selectionEnd).split("\n");
  const all = chosen.every((line) => line.startsWith(mark));
  field.setSelectionRange(start, field.selectionEnd);
  insert(field, chosen.map((line) => (all ? line.slice(mark.length) : mark + line)).join("\n"));
}

/** As if typed: the browser's own undo takes it back. */
function insert(field: HTMLTextAreaElement, text: string): void {
  field.focus();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else keeps the undo of the field
  if (document.execCommand("insertText", false, text)) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** What can be said in our words of a page's markup; the parser runs and fetches nothing. */
export function asMarkdown(html: string): string {
  const page = new DOMParser().parseFromString(html, "text/html");
  return said(page.body).replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
}

function said(node: Node): string {
  if (node.nodeType === Node.TEXT_NODE) return (node.textContent ?? "").replace(/\s+/g, " ").replace(/([*_`[\]\\])/g, "\\$1");
  if (!(node instanceof HTMLElement) && !(node instanceof Element)) return "";
  const name = node.tagName.toLowerCase();
  if (["script", "style", "head", "template", "img", "svg", "iframe", "object", "form"].includes(name)) return "";
  const inner = [...node.childNodes].map(said).join("");
  const bare = inner.trim();
  if (name === "br") return "\n";
  if (!bare) return inner;
  if (name === "b" || name === "strong") return `**${bare}**`;
  if (name === "i" || name === "em") return `*${bare}*`;
  if (/^h[1-6]$/.test(name)) return `\n\n${"#".repeat(Math.min(Number(name[1]) + 1, 4))} ${bare}\n\n`;
  if (name === "li") return `\n- ${bare}`;
  if (name === "blockquote") return `\n\n> ${bare.replace(/\n+/g, "\n> ")}\n\n`;
  if (name === "a") return link(bare, node.getAttribute("href") ?? "");
  if (["p", "div", "section", "article", "ul", "ol", "tr", "pre"].includes(name)) return `\n\n${bare}\n\n`;
  return inner;
}

function link(text: string, href: string): string {
  return /^(https?:\/\/|mailto:)[^\s()<>]+$/i.test(href) ? `[${text}](${href})` : text;
}

function preview(form: HTMLFormElement, field: HTMLTextAreaElement): void {
  const place = form.querySelector<HTMLElement>("[data-preview]");
  const button = form.querySelector<HTMLButtonElement>("[data-do=preview]");
  if (!place || !button) return;
  let timer = 0;
  const draw = async (): Promise<void> => {
    try {
      const { html } = await call<{ html: string }>("POST", `/creators/${form.dataset.slug ?? ""}/preview`, { body: field.value });
      place.innerHTML = html || "<p>Nothing yet.</p>"; // made safe by the server, as for readers
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      place.textContent = error.message;
    }
  };
  button.addEventListener("click", () => {
    place.hidden = !place.hidden;
    button.setAttribute("aria-pressed", String(!place.hidden));
    if (!place.hidden) void draw();
  });
  field.addEventListener("input", () => {
    if (place.hidden) return;
    clearTimeout(timer);
    timer = window.setTimeout(() => void draw(), SOON_MS);
  });
}
