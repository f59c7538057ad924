/** Shows what arrives while no page is open, and opens it. It keeps nothing and answers for no request. */
interface Shown {
  title: string;
  body: string;
  href: string;
  tag: string;
}

interface Extendable extends Event {
  waitUntil(done: Promise<unknown>): void;
}

type Pushed = Extendable & { data: { json(): Shown } | null };
type Clicked = Extendable & { notification: Notification };
interface Tab {
  url: string;
  focus(): Promise<Tab>;
  navigate(url: string): Promise<Tab | null>;
}
interface Here {
  registration: ServiceWorkerRegistration;
  clients: { matchAll(wanted: object): Promise<Tab[]>; openWindow(url: string): Promise<Tab | null>; claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(name: "push", heard: (event: Pushed) => void): void;
  addEventListener(name: "notificationclick", heard: (event: Clicked) => void): void;
  addEventListener(name: "install", heard: (event: Extendable) => void): void;
}

const here = self as unknown as Here;

here.addEventListener("install", () => void here.skipWaiting());

here.addEventListener("push", (event) => {
  const shown = event.data?.json();
  if (!shown) return;
  const { title, body, tag, href } = shown;
  event.waitUntil(here.registration.showNotification(title, { body, tag, data: href }));
});

here.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(String(event.notification.data)));
});

/** Only ever a place of this site. */
async function open(href: string): Promise<void> {
  const wanted = new URL(href, location.origin);
  if (wanted.origin !== location.origin) return;
  const tabs = await here.clients.matchAll({ type: "window", includeUncontrolled: true });
  const same = tabs.find((tab) => tab.url === wanted.href);
  if (same) await same.focus();
  else await here.clients.openWindow(wanted.href);
}
