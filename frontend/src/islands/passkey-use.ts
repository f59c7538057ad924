import { call } from "../core/api";
import { available, get, wasCalledOff, type Ceremony } from "../core/passkeys";
import { busy, saying, words } from "../core/said";

type Asked = Ceremony<PublicKeyCredentialRequestOptionsJSON>;

/** Signs in, or confirms, with a passkey: by the button, or quietly among the suggestions of the address field. */
export function start(element: HTMLElement): void {
  const button = element.querySelector<HTMLButtonElement>("[data-passkey]");
  if (!button) return;
  if (!available()) {
    element.remove();
    return;
  }
  const confirms = "confirm" in element.dataset;
  const say = saying(element);
  let waiting = new AbortController();

  const go = async (quietly: boolean): Promise<void> => {
    waiting.abort();
    waiting = new AbortController();
    say("");
    try {
      const { options, ticket } = await call<Asked>("POST", "/auth/passkeys/options");
      const credential = await get(options, waiting.signal, quietly);
      await call("POST", `/auth/passkeys/${confirms ? "confirm" : "sign-in"}`, { ticket, credential });
      location.assign(element.dataset.next || "/");
    } catch (error) {
      if (!wasCalledOff(error)) say(words(error, "That did not work. Try again, or sign in another way."));
    }
  };

  button.addEventListener("click", () => void busy(button, () => go(false)));
  if (!confirms) void offerQuietly(() => go(true));
}

async function offerQuietly(go: () => Promise<void>): Promise<void> {
  const can = await PublicKeyCredential.isConditionalMediationAvailable?.();
  if (can) await go();
}
