import { call } from "../core/api";
import { busy, words } from "../core/said";
import { isOurs, subscribed, turnOff, turnOn, whyNot } from "../push/browser";

/** On the page of preferences: whether this browser is told, in true words, and a button that changes it. */
export function start(element: HTMLElement): void {
  const button = element.querySelector<HTMLButtonElement>("[data-turn]");
  const said = element.querySelector<HTMLElement>("[data-said]");
  const key = element.dataset.key ?? "";
  if (!button || !said || !key) return;
  const state = new State(button, said, key);
  button.addEventListener("click", () => void busy(button, () => state.turn()));
  void state.look();
}

class State {
  private isOn = false;

  constructor(
    private readonly button: HTMLButtonElement,
    private readonly said: HTMLElement,
    private readonly key: string,
  ) {}

  async look(): Promise<void> {
    const reason = whyNot();
    if (reason) return this.show(reason, "");
    const found = await subscribed();
    // A browser that somebody else used, or that we forgot meanwhile, is not on for who looks now.
    this.isOn = found !== null && isOurs(found, this.key) && (await this.isKnown());
    this.say();
  }

  async turn(): Promise<void> {
    try {
      if (this.isOn) await turnOff();
      else await turnOn(this.key);
      this.isOn = !this.isOn;
      this.say();
    } catch (error) {
      const reason = whyNot();
      if (reason) this.show(reason, "");
      else this.show(words(error, "The browser could not be reached from outside. Try again, or in another network."), "Try again");
    }
  }

  private async isKnown(): Promise<boolean> {
    const { browsers } = await call<{ browsers: { here: boolean }[] }>("GET", "/push-subscriptions");
    return browsers.some((each) => each.here);
  }

  private say(): void {
    if (this.isOn) this.show("News reach you in this browser, also while the page is closed.", "No more in this browser");
    else this.show("News can reach you here also while the page is closed. Your browser asks you first.", "Tell me in this browser");
  }

  private show(text: string, action: string): void {
    this.said.textContent = text;
    this.button.textContent = action;
    this.button.hidden = action === "";
  }
}
