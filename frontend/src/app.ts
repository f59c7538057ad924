import "./styles/app.css";
import { copyButtons } from "./islands/copy";
import { forms } from "./islands/forms";
import { menus } from "./islands/menus";
import { notices } from "./islands/notices";
import { tabs } from "./islands/tabs";
import { localTimes } from "./islands/times";

/** What every page has. Run again on whatever htmx brings in; each part minds only what it has not seen. */
function wake(root: ParentNode): void {
  localTimes(root);
  copyButtons(root);
  forms(root);
  notices(root);
  menus(root);
  tabs(root);
}

/** What few pages have, fetched only where a page asks for it. */
const ISLANDS: Record<string, () => Promise<{ start(element: HTMLElement): void }>> = {
  "asset-progress": () => import("./islands/asset-progress"),
  avatar: () => import("./islands/avatar"),
  clip: () => import("./islands/clip"),
  emotes: () => import("./islands/emotes"),
  replay: () => import("./islands/replay"),
  chat: () => import("./islands/chat"),
  golive: () => import("./islands/golive"),
  lightbox: () => import("./islands/lightbox"),
  compose: () => import("./islands/compose"),
  library: () => import("./islands/library"),
  live: () => import("./islands/live"),
  "passkey-add": () => import("./islands/passkey-add"),
  "passkey-use": () => import("./islands/passkey-use"),
  push: () => import("./islands/push"),
  search: () => import("./islands/search"),
  tags: () => import("./islands/tags"),
  stream: () => import("./islands/stream"),
  player: () => import("./islands/player"),
  theme: () => import("./islands/theme"),
  upload: () => import("./islands/upload"),
};

document.documentElement.dataset.script = "";
wake(document);

for (const element of document.querySelectorAll<HTMLElement>("[data-island]")) {
  void ISLANDS[element.dataset.island ?? ""]?.().then((island) => island.start(element));
}

if (document.querySelector("[hx-get], [hx-post]")) {
  void import("./islands/parts").then((parts) => parts.start(wake));
}
