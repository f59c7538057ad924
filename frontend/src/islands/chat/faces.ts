import { call } from "../../core/api";
import { element } from "./log";

interface Emote {
  code: string;
  address: string;
}

const NAME = /^[0-9a-f]{8,80}$/;

/** Words with the emotes that the server found in them; nothing else in them becomes a picture. */
export function wordsWith(body: string, emotes: Record<string, string> | undefined): (string | HTMLElement)[] {
  if (!emotes) return [body];
  return body.split(/(:[a-z0-9_]{2,24}:)/).map((part) => {
    const name = /^:[a-z0-9_]+:$/.test(part) && Object.hasOwn(emotes, part.slice(1, -1)) ? emotes[part.slice(1, -1)] : undefined;
    return name && NAME.test(name) ? picture(part, `/public/emotes/${name}/56.webp`) : part;
  });
}

/** The button beside the line: fetched when it is opened first, put where one writes. */
export function picker(place: HTMLElement, room: string, input: HTMLInputElement): void {
  const button = place.querySelector<HTMLElement>("[data-chat-faces]");
  const list = place.querySelector<HTMLElement>("[data-chat-faces-list]");
  if (!button || !list) return;
  void call<Emote[]>("GET", `/chats/${room}/emotes`).then((found) => {
    button.hidden = found.length === 0;
    list.replaceChildren(...found.map((each) => face(each, input)));
  }, () => undefined);
}

function face(emote: Emote, input: HTMLInputElement): HTMLElement {
  const button = element("button", "faces__one") as HTMLButtonElement;
  button.type = "button";
  button.title = `:${emote.code}:`;
  button.append(picture(`:${emote.code}:`, emote.address));
  button.addEventListener("click", () => {
    const at = input.selectionStart ?? input.value.length;
    input.setRangeText(`:${emote.code}: `, at, input.selectionEnd ?? at, "end");
    input.focus();
  });
  return button;
}

function picture(alt: string, address: string): HTMLElement {
  const image = new Image(28, 28);
  image.className = "emote";
  image.alt = alt;
  image.title = alt;
  image.src = address;
  return image;
}
