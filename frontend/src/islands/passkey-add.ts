import { call, Problem } from "../core/api";
import { available, create, wasCalledOff, type Ceremony } from "../core/passkeys";
import { busy, saying, words } from "../core/said";

type Asked = Ceremony<PublicKeyCredentialCreationOptionsJSON>;

export function start(element: HTMLElement): void {
  const button = element.querySelector<HTMLButtonElement>("[data-passkey]");
  const say = saying(element);
  if (!button) return;
  if (!available()) {
    button.remove();
    say("This browser cannot make passkeys. A newer one can.");
    return;
  }
  button.addEventListener("click", () => void busy(button, () => add(say)));
}

async function add(say: (words: string) => void): Promise<void> {
  say("");
  try {
    const { options, ticket } = await call<Asked>("POST", "/me/passkeys/options");
    const credential = await create(options);
    await call("POST", "/me/passkeys", { ticket, credential, name: deviceName() });
    location.assign("/settings/security");
  } catch (error) {
    if (error instanceof Problem && error.code === "confirm_first") location.assign("/confirm?next=/settings/security");
    else if (error instanceof DOMException && error.name === "InvalidStateError") say("This device has a passkey for you already.");
    else if (!wasCalledOff(error)) say(words(error, "The device did not make a passkey. Try again."));
  }
}

/** A first name for it; its owner can change it. */
function deviceName(): string {
  const agent = navigator.userAgent;
  const systems: [RegExp, string][] = [
    [/iPhone/, "iPhone"],
    [/iPad/, "iPad"],
    [/Android/, "Android phone"],
    [/Mac OS X/, "Mac"],
    [/Windows/, "Windows computer"],
    [/CrOS/, "Chromebook"],
    [/Linux/, "Linux computer"],
  ];
  return systems.find(([pattern]) => pattern.test(agent))?.[1] ?? "Passkey";
}
