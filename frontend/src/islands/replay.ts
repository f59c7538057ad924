import { call, Problem } from "../core/api";
import { Log } from "./chat/log";
import { PollCard } from "./chat/poll";
import type { ChatEvent, Poll } from "./chat/types";

interface Happened {
  at_ms: number;
  event: ChatEvent;
}

const STRETCH_MS = 120_000;
const BEFORE_MS = 60_000;
const AT_ONCE = 500;

/** The chat of a recording: what was said by the moment that is on the screen, also after scrubbing. */
export function start(element: HTMLElement): void {
  const video = document.querySelector<HTMLVideoElement>(".stage-replay video");
  const list = element.querySelector<HTMLElement>("[data-chat-list]");
  const more = element.querySelector<HTMLButtonElement>("[data-chat-more]");
  const poll = element.querySelector<HTMLElement>("[data-chat-poll]");
  if (!video || !list || !more || !poll) return;
  const replay = new Replay(element, video, new Log(list, more, () => null), new PollCard(poll, false, () => false));
  video.addEventListener("timeupdate", () => replay.follow());
  video.addEventListener("seeked", () => replay.jump());
  for (const chapter of document.querySelectorAll<HTMLElement>("[data-chapter]")) {
    chapter.addEventListener("click", () => {
      video.currentTime = Number(chapter.dataset.chapter) / 1000;
      video.play().catch(() => undefined); // the player may be about to load it
    });
  }
  replay.jump();
}

class Replay {
  private events: Happened[] = [];
  private shown = 0;
  private from = 0;
  private until = 0;
  private turn = 0;
  private fetching: Promise<void> | null = null;

  constructor(
    private readonly place: HTMLElement,
    private readonly video: HTMLVideoElement,
    private readonly log: Log,
    private readonly poll: PollCard,
  ) {}

  follow(): void {
    const now = this.video.currentTime * 1000;
    if (now < this.from || now > this.until + STRETCH_MS) return this.jump();
    this.show(now);
    if (now > this.until - STRETCH_MS / 2) void this.fetch();
  }

  /** Somewhere else: begin anew a little before it. */
  jump(): void {
    const now = this.video.currentTime * 1000;
    if (now >= this.from && now <= this.until) {
      const place = this.events.findIndex((each) => each.at_ms > now);
      if ((place < 0 ? this.events.length : place) >= this.shown) return this.show(now);
    }
    this.turn += 1;
    this.log.clear();
    this.poll.show(null);
    this.events = [];
    this.shown = 0;
    this.from = this.until = Math.max(0, Math.round(now - BEFORE_MS));
    this.fetching = null;
    void this.fetch();
  }

  private show(now: number): void {
    const due: ChatEvent[] = [];
    for (let next = this.events[this.shown]; next && next.at_ms <= now; next = this.events[this.shown]) {
      due.push(next.event);
      this.asks(next.event);
      this.shown += 1;
    }
    if (due.length) this.log.add(due);
  }

  private asks(event: ChatEvent): void {
    const facts = event.facts ?? {};
    const poll = { ...(facts as unknown as Poll), id: String(facts.poll_id), closes_at: new Date(0).toISOString() };
    if (event.kind === "poll_opened") this.poll.show({ poll, votes: poll.options.map(() => 0), mine: null });
    if (event.kind === "poll_closed") this.poll.show({ poll, votes: facts.votes as number[], mine: null });
  }

  private fetch(): Promise<void> {
    this.fetching ??= this.ask(this.turn).finally(() => (this.fetching = null));
    return this.fetching;
  }

  private async ask(turn: number): Promise<void> {
    const [from, to] = [this.until, this.until + STRETCH_MS];
    try {
      let after = 0;
      for (;;) {
        const found = await call<Happened[]>("GET", `/streams/${this.place.dataset.stream}/replay?from_ms=${from}&to_ms=${to}&after=${after}`);
        if (turn !== this.turn) return;
        const known = new Set(this.events.map((each) => each.event.position));
        this.events.push(...found.filter((each) => !known.has(each.event.position)));
        if (found.length < AT_ONCE) break;
        after = found[found.length - 1]?.event.position ?? after;
      }
      this.until = to;
      this.say("");
      this.show(this.video.currentTime * 1000);
    } catch (error) {
      this.say(error instanceof Problem ? error.message : "The chat could not be read.");
    }
  }

  private say(words: string): void {
    const place = this.place.querySelector("[data-chat-status]");
    if (place) place.textContent = words;
  }
}
