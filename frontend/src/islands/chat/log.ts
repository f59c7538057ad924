import { wordsWith } from "./faces";
import type { ChatEvent } from "./types";

const KEPT_ROWS = 300;
const NEAR_THE_END_PX = 80;
const SHOWN = new Set(["text", "tip", "system"]);
const HUES = 16;
/** A room that is faster than one can read is drawn a few times a second, not for each word. */
const FAST_MS = 120;
const DRAWN_EVERY_MS = 350;

/** The list of what was said: follows the newest unless somebody reads further up, and never grows without bound. */
export class Log {
  private readonly rows = new Map<number, HTMLElement>();
  private unseen = 0;
  private heard: ChatEvent[] = [];
  private drawnAt = 0;
  private drawing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly list: HTMLElement,
    private readonly more: HTMLButtonElement,
    private readonly menu: (event: ChatEvent) => HTMLElement | null,
  ) {
    list.addEventListener("scroll", () => this.isAtEnd() && this.seen());
    more.addEventListener("click", () => this.toEnd());
  }

  clear(): void {
    this.heard = [];
    this.list.replaceChildren();
    this.rows.clear();
    this.seen();
  }

  add(events: ChatEvent[]): void {
    this.heard.push(...events);
    const rests = performance.now() - this.drawnAt;
    if (rests > DRAWN_EVERY_MS || (rests > FAST_MS && this.heard.length === 1)) this.draw();
    else this.drawing ??= setTimeout(() => this.draw(), DRAWN_EVERY_MS - rests);
  }

  private draw(): void {
    clearTimeout(this.drawing);
    this.drawing = undefined;
    this.drawnAt = performance.now();
    const events = this.heard.splice(0);
    const follows = this.isAtEnd();
    for (const event of events) {
      if (event.kind === "removed") this.hide(Number(event.facts?.position));
      else if (event.kind === "cleared") this.hideAllOf(String(event.facts?.user_id));
      else if (event.hidden && !event.user_id) continue; // not for these eyes
      else if (SHOWN.has(event.kind) && !this.rows.has(event.position)) this.append(event);
    }
    this.trim();
    if (follows) this.toEnd();
    else this.tellUnseen();
  }

  /** Words on their way, at the end of the list until the room has them. */
  pending(words: string, again: () => void): { failed(why: string, mayRetry: boolean): void; done(): void } {
    const row = element("li", "chat__row chat__row--pending");
    const state = element("small", "chat__state", "Sending …");
    row.append(element("span", "chat__words", words), state);
    this.list.append(row);
    this.toEnd();
    return {
      failed: (why, mayRetry) => {
        row.classList.add("chat__row--failed");
        state.textContent = why;
        state.setAttribute("role", "alert");
        if (!mayRetry) return;
        const retry = element("button", "button button--bare", "Try again") as HTMLButtonElement;
        retry.type = "button";
        retry.addEventListener("click", () => {
          row.remove();
          again();
        });
        state.append(" ", retry);
      },
      done: () => row.remove(),
    };
  }

  private append(event: ChatEvent): void {
    const row = element("li", `chat__row chat__row--${event.kind}`);
    row.dataset.by = event.user_id ?? "";
    const when = element("time", "chat__time") as HTMLTimeElement;
    when.dateTime = event.said_at;
    when.textContent = new Date(event.said_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    row.append(when);
    if (event.kind !== "system") row.append(named(event));
    if (event.kind === "tip") row.append(element("span", "chat__amount", String(event.facts?.amount ?? "")));
    row.append(words(event));
    const menu = event.hidden ? null : this.menu(event);
    if (menu) row.append(menu);
    this.rows.set(event.position, row);
    const pending = this.list.querySelector(".chat__row--pending");
    this.list.insertBefore(row, pending);
    if (!this.isAtEnd()) this.unseen += 1;
  }

  private hide(position: number): void {
    const row = this.rows.get(position);
    if (row) hideRow(row);
  }

  private hideAllOf(userId: string): void {
    for (const row of this.rows.values()) {
      if (row.dataset.by === userId && row.classList.contains("chat__row--text")) hideRow(row);
    }
  }

  private trim(): void {
    for (const [position, row] of this.rows) {
      if (this.rows.size <= KEPT_ROWS) return;
      row.remove();
      this.rows.delete(position);
    }
  }

  private isAtEnd(): boolean {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_THE_END_PX;
  }

  private toEnd(): void {
    this.list.scrollTop = this.list.scrollHeight;
    this.seen();
  }

  private seen(): void {
    this.unseen = 0;
    this.more.hidden = true;
  }

  private tellUnseen(): void {
    if (this.unseen === 0) return;
    this.more.textContent = this.unseen === 1 ? "1 new message" : `${this.unseen} new messages`;
    this.more.hidden = false;
  }
}

export function element(tag: string, klass: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = klass;
  made.textContent = text;
  return made;
}

function named(event: ChatEvent): HTMLElement {
  const name = element("strong", `chat__name chat__name--${hue(event.user_id ?? "")}`, event.name || "Somebody");
  const badge = event.standing === "team" ? "Team" : event.tier;
  if (badge) name.append(" ", element("span", `badge${event.standing === "team" ? " badge--accent" : ""}`, badge));
  return name;
}

function words(event: ChatEvent): HTMLElement {
  if (event.hidden) return element("span", "chat__words chat__words--gone", "removed");
  const said = element("span", "chat__words");
  said.append(...wordsWith(event.body ?? "", event.facts?.emotes as Record<string, string> | undefined));
  return said;
}

function hideRow(row: HTMLElement): void {
  row.querySelector(".chat__words")?.replaceWith(element("span", "chat__words chat__words--gone", "removed"));
  row.querySelector(".chat__menu")?.remove();
}

function hue(userId: string): number {
  return Number.parseInt(userId.slice(-1) || "0", HUES) % 8;
}
