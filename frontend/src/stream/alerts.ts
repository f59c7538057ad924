import { call } from "../core/api";
import { element } from "../islands/chat/log";
import type { ChatEvent } from "../islands/chat/types";

const SHOWN_MS = 6_000;
const RAID_SECONDS = 10;
const GOAL_AFTER_MS = 1_500;
const MOST_WAITING = 20;

interface Raid {
  path: string;
  creator: string;
  title: string;
}

interface Goal {
  title: string;
  percent?: number;
  target: { minor: number; currency: string };
  raised: { minor: number; currency: string };
}

/** Tips over the picture, one after the other; the goal beside it; and, at the end, on to somebody else. */
export class Alerts {
  private readonly waiting: ChatEvent[] = [];
  private showing = false;

  constructor(private readonly place: HTMLElement) {}

  hear(events: ChatEvent[], isNews: boolean): void {
    if (!isNews) return;
    for (const event of events) {
      if (event.kind === "tip" && !event.hidden && this.waiting.length < MOST_WAITING) this.waiting.push(event);
      const raid = event.kind === "system" ? (event.facts?.raid as Raid | undefined) : undefined;
      if (raid && /^\/c\/[A-Za-z0-9-]+\/live\/[0-9a-f-]{36}$/.test(raid.path)) this.goOn(raid);
    }
    if (!this.showing) this.next();
  }

  private next(): void {
    const tip = this.waiting.shift();
    this.showing = tip !== undefined;
    this.place.hidden = !tip;
    if (!tip) return;
    const head = element("p", "stage__tip");
    head.append(element("strong", "", tip.name || "Somebody"), " tips ", element("strong", "stage__amount", String(tip.facts?.amount ?? "")));
    this.place.replaceChildren(head);
    if (tip.body) this.place.append(element("p", "stage__tip-words", tip.body));
    setTimeout(() => void goal(), GOAL_AFTER_MS);
    setTimeout(() => this.next(), SHOWN_MS);
  }

  private goOn(raid: Raid): void {
    this.showing = true;
    this.waiting.length = 0;
    let left = RAID_SECONDS;
    const count = element("span", "numbers", `${left}`);
    const words = element("p", "stage__tip");
    words.append("On to ", element("strong", "", raid.creator), ": ", raid.title, " in ", count);
    const stay = element("button", "button button--small button--quiet", "Stay here") as HTMLButtonElement;
    const go = element("a", "button button--small", "Go now") as HTMLAnchorElement;
    stay.type = "button";
    go.href = raid.path;
    const row = element("div", "row");
    row.append(go, stay);
    this.place.replaceChildren(words, row);
    this.place.hidden = false;
    const timer = setInterval(() => {
      left -= 1;
      count.textContent = String(left);
      if (left > 0) return;
      clearInterval(timer);
      location.assign(raid.path);
    }, 1000);
    stay.addEventListener("click", () => {
      clearInterval(timer);
      this.place.hidden = true;
      this.showing = false;
    });
  }
}

/** How far it is now: what was given a moment ago counts. */
async function goal(): Promise<void> {
  const bar = document.querySelector<HTMLElement>("[data-goal]");
  if (!bar?.dataset.goal) return;
  try {
    const [found] = await call<Goal[]>("GET", `/creators/${bar.dataset.goal}/goals`);
    const share = bar.querySelector<HTMLProgressElement>("[data-goal-share]");
    const told = bar.querySelector("[data-goal-words]");
    if (!found || !share || !told) return;
    share.value = Math.min(100, Math.floor((found.raised.minor * 100) / found.target.minor));
    told.textContent = `${money(found.raised)} of ${money(found.target)}`;
  } catch {
    // The next tip asks again.
  }
}

function money(amount: { minor: number; currency: string }): string {
  const shown = new Intl.NumberFormat([], { style: "currency", currency: amount.currency });
  return shown.format(amount.minor / 10 ** (shown.resolvedOptions().maximumFractionDigits ?? 2));
}
