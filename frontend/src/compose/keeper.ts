import { call, Problem } from "../core/api";
import type { Attached } from "./files";

export interface Words {
  title: string;
  body: string;
  teaser: string;
  access: string;
  kind: string;
  comments: string;
  warnings: string[];
  min_rank: number | null;
  price: number | null;
  drip_days: number;
  assets: Attached[];
  /** As typed; they go by a way of their own. */
  tags: string;
}

interface Saved {
  id: string;
  revision: number;
}

interface Kept {
  at: number;
  words: Words;
}

const QUIET_MS = 1500;
// Also somebody who never stops typing is saved.
const LONGEST_MS = 6000;
const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 30_000;

/** Saves a draft by itself, one request at a time, and says honestly how that goes. Every change is kept on the device first, so that
 * neither a lost connection nor a closed tab loses a word. What is published is saved when its author says so. */
export class Keeper {
  #revision: number;
  #post: string;
  #saved = "";
  #timer = 0;
  #since = 0;
  #wait = FIRST_WAIT_MS;
  #busy = false;
  #stopped = false;
  #tags = "";

  constructor(
    private readonly form: HTMLFormElement,
    private readonly read: () => Words,
    private readonly show: (words: Words) => void,
  ) {
    this.#revision = Number(this.#hidden("revision").value) || 1;
    this.#post = form.dataset.post ?? "";
  }

  begin(): void {
    this.#saved = JSON.stringify(this.read());
    this.#tags = this.read().tags;
    const kept = this.#kept();
    if (kept && JSON.stringify(kept.words) !== this.#saved) this.#offer(kept);
    else this.#forget();
    this.#on("keep-mine", () => void this.#over());
    this.#on("load-theirs", () => location.reload());
    addEventListener("online", () => this.#retry());
    addEventListener("pagehide", () => this.#keep());
    this.form.querySelector("[data-state]")?.addEventListener("click", (event) => {
      if (event.target instanceof HTMLButtonElement) this.#retry();
    });
  }

  changed(): void {
    if (this.#stopped) return;
    if (JSON.stringify(this.read()) === this.#saved) return;
    this.#keep();
    if (!this.#savesItself) {
      this.#say("Not saved yet. It is kept on this device.");
      return;
    }
    this.#since ||= Date.now();
    clearTimeout(this.#timer);
    const left = Math.max(0, this.#since + LONGEST_MS - Date.now());
    this.#timer = window.setTimeout(() => void this.#save(), Math.min(QUIET_MS, left));
  }

  /** The form goes by itself; the copy stays until the server's page shows the same. */
  sent(): void {
    this.#keep();
    this.#stopped = true;
    clearTimeout(this.#timer);
    setTimeout(() => (this.#stopped = false), LONGEST_WAIT_MS);
  }

  get busy(): boolean {
    return this.#busy;
  }

  async idle(): Promise<void> {
    while (this.#busy) await new Promise((done) => setTimeout(done, 50));
  }

  get #savesItself(): boolean {
    return this.form.dataset.stage === "draft";
  }

  async #save(): Promise<void> {
    if (this.#busy || this.#stopped) return;
    const words = this.read();
    const text = JSON.stringify(words);
    if (text === this.#saved) return;
    this.#busy = true;
    this.#say("Saving…");
    try {
      const done = await this.#send(words);
      this.#took(done, text);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#failed(error);
    } finally {
      this.#busy = false;
    }
    if (JSON.stringify(this.read()) !== text) this.changed();
  }

  async #send({ tags, ...words }: Words): Promise<Saved> {
    const done = this.#post
      ? await call<Saved>("PUT", `/posts/${this.#post}`, { ...words, revision: this.#revision })
      : await call<Saved>("POST", `/creators/${this.form.dataset.slug ?? ""}/posts`, words);
    if (tags !== this.#tags) {
      await call("PUT", `/posts/${done.id}/tags`, { tags: tags.split(",").filter((each) => each.trim()) });
      this.#tags = tags;
    }
    return done;
  }

  #took(done: Saved, text: string): void {
    const fresh = !this.#post;
    const before = this.#place;
    this.#post = done.id;
    this.#revision = done.revision;
    this.#hidden("revision").value = String(done.revision);
    this.#saved = text;
    this.#since = 0;
    this.#wait = FIRST_WAIT_MS;
    localStorage.removeItem(before);
    if (fresh) {
      const here = `${this.form.dataset.home ?? ""}/posts/${done.id}`;
      history.replaceState(null, "", here);
      this.form.action = here;
    }
    this.#say(`Saved at ${new Date().toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" })}`);
  }

  #failed(error: Problem): void {
    if (error.code === "edited_meanwhile") {
      this.#stopped = true;
      this.#hide("conflict", false);
      this.#say("Not saved: somebody else saved this post.");
      return;
    }
    if (error.status === 0 || error.status >= 500 || error.status === 429) {
      this.#say(`Not saved. ${navigator.onLine ? error.message : "You are offline."} It is kept on this device.`, true);
      this.#timer = window.setTimeout(() => void this.#save(), this.#wait);
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
      return;
    }
    this.#say(`Not saved: ${error.message}`, true);
  }

  #retry(): void {
    if (this.#stopped || !this.#savesItself) return;
    clearTimeout(this.#timer);
    this.#wait = FIRST_WAIT_MS;
    void this.#save();
  }

  async #over(): Promise<void> {
    try {
      this.#revision = (await call<Saved>("GET", `/posts/${this.#post}/draft`)).revision;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#say(`Not saved: ${error.message}`);
      return;
    }
    this.#hidden("revision").value = String(this.#revision);
    this.#hide("conflict", true);
    this.#stopped = false;
    if (this.#savesItself) await this.#save();
  }

  #offer(kept: Kept): void {
    this.#hide("kept", false);
    this.#on("bring-back", () => {
      this.#hide("kept", true);
      this.show(kept.words);
      this.changed();
    });
    this.#on("forget", () => {
      this.#hide("kept", true);
      this.#forget();
    });
  }

  get #place(): string {
    return `post:${this.form.dataset.slug ?? ""}:${this.#post || "new"}`;
  }

  #keep(): void {
    const words = this.read();
    if (JSON.stringify(words) === this.#saved) return;
    try {
      localStorage.setItem(this.#place, JSON.stringify({ at: Date.now(), words }));
    } catch {
      this.#say("This device has no room to keep what you type. Save often.");
    }
  }

  #kept(): Kept | null {
    try {
      return JSON.parse(localStorage.getItem(this.#place) ?? "null") as Kept | null;
    } catch {
      return null;
    }
  }

  #forget(): void {
    localStorage.removeItem(this.#place);
  }

  #hidden(name: string): HTMLInputElement {
    return this.form.elements.namedItem(name) as HTMLInputElement;
  }

  #hide(name: string, hidden: boolean): void {
    const found = this.form.querySelector<HTMLElement>(`[data-${name}]`);
    if (found) found.hidden = hidden;
  }

  #on(name: string, work: () => void): void {
    this.form.querySelector(`[data-do=${name}]`)?.addEventListener("click", work);
  }

  #say(text: string, retry = false): void {
    const place = this.form.querySelector<HTMLElement>("[data-state]");
    if (!place) return;
    place.textContent = text;
    if (!retry) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--bare button--small";
    button.textContent = "Try again";
    place.append(" ", button);
  }
}
