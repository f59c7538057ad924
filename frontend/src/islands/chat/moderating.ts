import { call } from "../../core/api";
import { words } from "../../core/said";
import { toast } from "../../core/toast";
import { element } from "./log";
import type { ChatEvent } from "./types";

const TIMEOUT_SECONDS = 600;

/** What may be done with one message: its author takes it back, a moderator more. */
export function menuFor(room: string, event: ChatEvent, moderates: boolean, me: string): HTMLElement | null {
  const isMine = event.user_id === me && event.kind === "text";
  if (!moderates && !isMine) return null;
  const menu = element("details", "chat__menu") as HTMLDetailsElement;
  const open = element("summary", "chat__menu-open", "⋯");
  open.setAttribute("aria-label", `What to do with the message of ${event.name ?? "somebody"}`);
  const choices = element("div", "chat__menu-choices");
  const add = (label: string, done: string, act: () => Promise<unknown>): void => {
    const button = element("button", "menu__item", label) as HTMLButtonElement;
    button.type = "button";
    button.addEventListener("click", () => {
      menu.open = false;
      act().then(
        () => toast(done),
        (error: unknown) => toast(words(error, "That did not work. Try again.")),
      );
    });
    choices.append(button);
  };
  add(isMine ? "Take it back" : "Remove", "Removed.", () => call("DELETE", `/chats/${room}/messages/${event.position}`));
  if (moderates) {
    add("Pin", "Pinned.", () => call("PUT", `/chats/${room}/pin`, { position: event.position }));
    if (event.user_id && event.standing !== "team") {
      const ban = (more: object) => call("POST", `/chats/${room}/bans`, { user_id: event.user_id, ...more });
      add("Silence for 10 minutes", `${event.name} is silent for 10 minutes.`, () => ban({ seconds: TIMEOUT_SECONDS }));
      add("Ban, and remove all they said", `${event.name} is banned.`, () => ban({ purge: true }));
    }
  }
  menu.append(open, choices);
  return menu;
}

/** The rules of the room and the form of a poll, for moderators. */
export function rulesIn(place: HTMLElement, room: string): void {
  const rules = place.querySelector<HTMLFormElement>("[data-chat-rules]");
  rules?.addEventListener("change", () => {
    const data = new FormData(rules);
    const wanted = { slow_seconds: Number(data.get("slow_seconds")), members_only: data.has("members_only") };
    call("PUT", `/chats/${room}/rules`, wanted).then(
      () => toast("Saved."),
      (error: unknown) => toast(words(error, "The rules were not saved. Try again.")),
    );
  });
  const poll = place.querySelector<HTMLFormElement>("[data-chat-ask]");
  poll?.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = new FormData(poll);
    const options = data.getAll("option").map(String).filter((each) => each.trim());
    const wanted = { question: data.get("question"), options, seconds: Number(data.get("seconds")) };
    call("POST", `/chats/${room}/polls`, wanted).then(
      () => poll.reset(),
      (error: unknown) => toast(words(error, "The poll was not opened. Try again.")),
    );
  });
}
