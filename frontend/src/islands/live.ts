import { begin, on, send } from "../core/socket";
import { toast } from "../core/toast";

interface Notification {
  title: string;
  href: string | null;
  read_at: string | null;
}

/** How far this tab has heard. Another epoch means that positions count anew. */
interface Heard {
  position: number;
  epoch: string;
}

type Missed = Heard & { type: "missed"; notifications: Notification[]; unread: number; reset: boolean };
type Told = Heard & { type: "notification"; notification: Notification | null; unread: number };

const KEPT = "df-live";
const TOASTS_AT_ONCE = 3;

/** Keeps the bell's count right and says what is new, for as long as somebody looks. */
export function start(): void {
  on("hello", ask);
  on("resync", ask);
  // The page of a move asks what is new.
  on("move", () => document.dispatchEvent(new CustomEvent("df-move")));
  on<Missed>("missed", (message) => {
    const isFirst = heard() === null;
    keep(message);
    count(message.unread);
    if (!isFirst && !message.reset) tell(message.notifications);
  });
  on<Told>("notification", (message) => {
    keep(message);
    count(message.unread);
    if (message.notification) tell([message.notification]);
  });
  begin(true);
}

function ask(): void {
  const from = heard() ?? { position: 0, epoch: "" };
  send({ type: "resume", ...from });
}

function tell(notifications: Notification[]): void {
  const fresh = notifications.filter((each) => !each.read_at);
  for (const each of fresh.slice(-TOASTS_AT_ONCE)) {
    toast(each.title, { href: each.href ?? "/notifications", label: "Look" });
  }
}

function count(unread: number): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-count]")) {
    place.textContent = unread > 99 ? "99+" : String(unread);
    place.hidden = unread === 0;
  }
  for (const words of document.querySelectorAll<HTMLElement>("[data-count-words]")) {
    words.textContent = unread === 0 ? "" : `${unread} new`;
  }
}

function heard(): Heard | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Heard | null;
  } catch {
    return null;
  }
}

function keep({ position, epoch }: Heard): void {
  sessionStorage.setItem(KEPT, JSON.stringify({ position, epoch }));
}
