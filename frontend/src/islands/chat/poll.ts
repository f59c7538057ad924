import { call } from "../../core/api";
import { words } from "../../core/said";
import { element } from "./log";
import type { Tally } from "./types";

/** The open poll: buttons until one has voted, then bars that grow. */
export class PollCard {
  private tally: Tally | null = null;
  private ticking: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly place: HTMLElement,
    private readonly mayVote: boolean,
    private readonly moderates: () => boolean,
  ) {}

  show(tally: Tally | null): void {
    this.tally = tally;
    clearInterval(this.ticking);
    this.place.hidden = tally === null;
    if (tally === null) return;
    this.draw();
    this.ticking = setInterval(() => this.tick(), 1000);
  }

  count(pollId: string, votes: number[]): void {
    if (this.tally?.poll.id !== pollId) return;
    this.tally = { ...this.tally, votes };
    this.draw();
  }

  /** The sum is the last word; it stays a while. */
  ended(pollId: string, votes: number[]): void {
    if (this.tally?.poll.id !== pollId) return;
    this.tally = { ...this.tally, votes, poll: { ...this.tally.poll, closes_at: new Date().toISOString() } };
    clearInterval(this.ticking);
    this.draw();
  }

  private get isOpen(): boolean {
    return this.tally !== null && Date.parse(this.tally.poll.closes_at) > Date.now();
  }

  private draw(): void {
    if (!this.tally) return;
    const { poll, votes, mine } = this.tally;
    const all = votes.reduce((sum, each) => sum + each, 0);
    const asked = element("h3", "chat-poll__question", poll.question);
    const options = element("ul", "plain-list chat-poll__options");
    poll.options.forEach((option, index) => options.append(this.option(option, index, votes[index] ?? 0, all, mine)));
    const foot = element("p", "small soft chat-poll__foot");
    foot.append(element("span", "", all === 1 ? "1 vote" : `${all} votes`), " · ", element("span", "chat-poll__left"));
    if (this.isOpen && this.moderates()) foot.append(" ", this.endButton(poll.id));
    this.place.replaceChildren(asked, options, foot);
    this.tick();
  }

  private option(text: string, index: number, votes: number, all: number, mine: number | null): HTMLElement {
    const row = element("li", `chat-poll__option${mine === index ? " chat-poll__option--mine" : ""}`);
    const share = all === 0 ? 0 : Math.round((100 * votes) / all);
    if (this.mayVote && mine === null && this.isOpen) {
      const button = element("button", "button button--quiet button--wide", text) as HTMLButtonElement;
      button.type = "button";
      button.addEventListener("click", () => void this.vote(index));
      row.append(button);
      return row;
    }
    const bar = document.createElement("meter");
    bar.max = 100;
    bar.value = share;
    bar.setAttribute("aria-label", `${text}: ${share} %`);
    row.append(element("span", "chat-poll__text", mine === index ? `${text} (yours)` : text), element("span", "", `${share} %`), bar);
    return row;
  }

  private endButton(pollId: string): HTMLElement {
    const button = element("button", "button button--bare", "End it now") as HTMLButtonElement;
    button.type = "button";
    button.addEventListener("click", () => void call("POST", `/polls/${pollId}/end`).catch((error: unknown) => this.complain(error)));
    return button;
  }

  private async vote(option: number): Promise<void> {
    if (!this.tally) return;
    try {
      this.show(await call<Tally>("POST", `/polls/${this.tally.poll.id}/vote`, { option }));
    } catch (error) {
      this.complain(error);
    }
  }

  private complain(error: unknown): void {
    const note = element("p", "field__error", words(error, "Your vote did not arrive. Try again."));
    note.setAttribute("role", "alert");
    this.place.append(note);
  }

  private tick(): void {
    const left = this.place.querySelector(".chat-poll__left");
    if (!left || !this.tally) return;
    const seconds = Math.max(0, Math.round((Date.parse(this.tally.poll.closes_at) - Date.now()) / 1000));
    left.textContent = seconds === 0 ? "closed" : seconds > 90 ? `${Math.ceil(seconds / 60)} min left` : `${seconds} s left`;
    if (seconds === 0 && this.place.querySelector("li > button")) this.draw();
  }
}
