import { begin, on, send } from "../../core/socket";
import { call } from "../../core/api";
import { words } from "../../core/said";
import { toast } from "../../core/toast";
import { picker } from "./faces";
import { Log } from "./log";
import { menuFor, rulesIn } from "./moderating";
import { PollCard } from "./poll";
import type { ChatEvent, Entered, Poll, Refused } from "./types";

interface Waiting {
  body: string;
  failed(why: string, mayRetry: boolean): void;
  done(): void;
}

type In<M> = M & { room: string };

/** A chat room on the page. What somebody has typed is never lost: it waits for the line, and says what became of it. */
export function start(element: HTMLElement): void {
  new Chat(element).begin();
}

class Chat {
  private readonly id: string;
  private readonly room: string;
  private readonly log: Log;
  private readonly poll: PollCard;
  private readonly waiting = new Map<string, Waiting>();
  private position = 0;
  private epoch = "";
  private moderates = false;
  private picked = false;

  constructor(private readonly place: HTMLElement) {
    this.id = place.dataset.room ?? "";
    this.room = `chat:${this.id.replaceAll("-", "")}`;
    const me = place.dataset.me ?? "";
    this.log = new Log(this.part("[data-chat-list]"), this.part<HTMLButtonElement>("[data-chat-more]"), (event) =>
      menuFor(this.id, event, this.moderates, me),
    );
    this.poll = new PollCard(this.part("[data-chat-poll]"), me !== "", () => this.moderates);
  }

  begin(): void {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.speak();
    });
    rulesIn(this.place, this.id);
    on("hello", () => this.enter());
    on("lost", () => this.status("Reconnecting …"));
    this.hear<Entered>("chat_entered", (entered) => this.entered(entered));
    this.hear<{ type: "chat"; events: ChatEvent[] }>("chat", (told) => this.take(told.events));
    this.hear<{ type: "chat_poll"; poll_id: string; votes: number[] }>("chat_poll", (told) => this.poll.count(told.poll_id, told.votes));
    this.hear<{ type: "chat_said"; nonce: string }>("chat_said", ({ nonce }) => this.settled(nonce)?.done());
    this.hear<Refused>("chat_refused", (refused) => this.refused(refused));
    this.hear<{ type: "chat_left"; message: string; come_back: boolean }>("chat_left", (left) => {
      if (left.come_back) this.enter();
      else this.close(left.message);
    });
    this.hear<{ type: "presence"; people: number }>("presence", ({ people }) => {
      this.part("[data-chat-people]").textContent = people === 1 ? "1 here" : `${people} here`;
    });
    begin(this.place.dataset.me !== "");
  }

  private enter(): void {
    send({ type: "chat_enter", room: this.room, position: this.position, epoch: this.epoch });
  }

  private entered(entered: Entered): void {
    this.moderates = entered.moderates;
    if (entered.anew) this.log.clear();
    this.epoch = entered.epoch;
    this.position = entered.anew ? 0 : this.position;
    this.take(entered.events);
    this.position = entered.last;
    this.pin(entered.pinned);
    this.poll.show(entered.poll);
    this.part("[data-chat-moderate]").hidden = !entered.moderates;
    this.rules(entered.slow_seconds, entered.members_only);
    this.status("");
    if (entered.speaks && !this.picked) picker(this.place, this.id, this.input);
    this.picked ||= entered.speaks;
    if (entered.speaks) this.open();
    else this.close(entered.why_not);
    for (const [nonce, each] of this.waiting) this.say(nonce, each.body);
  }

  private take(events: ChatEvent[]): void {
    this.log.add(events);
    for (const event of events) {
      this.position = Math.max(this.position, event.position);
      this.change(event);
    }
  }

  private change(event: ChatEvent): void {
    const facts = event.facts ?? {};
    if (event.kind === "closed") this.close("This chat has ended.");
    else if (event.kind === "opened" || event.kind === "pinned") this.enter(); // with all that belongs to it
    else if (event.kind === "settings") this.rules(Number(facts.slow_seconds), Boolean(facts.members_only));
    else if (event.kind === "poll_closed") this.poll.ended(String(facts.poll_id), facts.votes as number[]);
    else if (event.kind === "poll_opened") {
      const poll = { ...(facts as unknown as Poll), id: String(facts.poll_id) };
      this.poll.show({ poll, votes: poll.options.map(() => 0), mine: null });
    }
  }

  private speak(): void {
    const body = this.input.value.trim();
    if (!body) return;
    this.input.value = "";
    if (this.moderates && /^\/mark(\s|$)/.test(body)) void this.mark(body.slice(5).trim());
    else this.sayAnew(body);
  }

  /** A command of the team: a chapter of the recording begins here. */
  private async mark(label: string): Promise<void> {
    try {
      await call("POST", `/streams/${this.id}/markers`, { label });
      toast("Marked: a chapter of the recording.");
    } catch (error) {
      this.status(words(error, "This moment was not marked. Try again."));
    }
  }

  private sayAnew(body: string): void {
    const nonce = crypto.randomUUID();
    this.waiting.set(nonce, { body, ...this.log.pending(body, () => this.sayAnew(body)) });
    this.say(nonce, body);
  }

  private say(nonce: string, body: string): void {
    if (!send({ type: "chat_say", room: this.room, body, nonce })) this.status("Reconnecting … your message waits.");
  }

  private refused(refused: Refused): void {
    const waiting = this.settled(refused.nonce);
    if (waiting) waiting.failed(refused.message, refused.may_retry);
    else this.close(refused.message);
    if (waiting && !refused.may_retry && !this.input.value) {
      this.input.value = waiting.body;
      waiting.done();
      this.status(refused.message);
    }
  }

  private settled(nonce: string): Waiting | undefined {
    const waiting = this.waiting.get(nonce);
    this.waiting.delete(nonce);
    return waiting;
  }

  private rules(slowSeconds: number, membersOnly: boolean): void {
    const told = [slowSeconds ? `slow mode: ${slowSeconds} s` : "", membersOnly ? "members only" : ""].filter(Boolean).join(" · ");
    this.part("[data-chat-told]").textContent = told;
    const slow = this.place.querySelector<HTMLSelectElement>("[name=slow_seconds]");
    const members = this.place.querySelector<HTMLInputElement>("[name=members_only]");
    if (slow) slow.value = String(slowSeconds);
    if (members) members.checked = membersOnly;
  }

  private pin(event: ChatEvent | null): void {
    const place = this.part("[data-chat-pinned]");
    place.hidden = event === null;
    place.textContent = event ? `${event.name ? `${event.name}: ` : ""}${event.body ?? ""}` : "";
  }

  private open(): void {
    this.form.hidden = false;
    this.part("[data-chat-why]").hidden = true;
  }

  private close(why: string): void {
    this.form.hidden = true;
    const place = this.part("[data-chat-why]");
    place.hidden = false;
    place.textContent = why;
  }

  private status(words: string): void {
    this.part("[data-chat-status]").textContent = words;
  }

  private hear<M extends { type: string }>(type: M["type"], take: (message: M) => void): void {
    on<In<M>>(type, (message) => {
      if (message.room === this.room) take(message);
    });
  }

  private get form(): HTMLFormElement {
    return this.part<HTMLFormElement>("[data-chat-form]");
  }

  private get input(): HTMLInputElement {
    return this.part<HTMLInputElement>("[data-chat-input]");
  }

  private part<E extends HTMLElement = HTMLElement>(selector: string): E {
    const found = this.place.querySelector<E>(selector);
    if (!found) throw new Error(`the chat lacks ${selector}`);
    return found;
  }
}
