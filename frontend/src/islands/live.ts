import { call, Problem } from "../core/api";
import { waitAfter } from "../core/reconnect";
import { toast } from "../core/toast";

interface Ticket {
  url: string;
  subprotocols: string[];
}

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

type Message =
  | { type: "hello" }
  | { type: "resync" }
  | (Heard & { type: "missed"; notifications: Notification[]; unread: number; reset: boolean })
  | (Heard & { type: "notification"; notification: Notification | null; unread: number })
  | { type: "presence" | "unsubscribed" | "pong" | "error" };

const KEPT = "df-live";
const SESSION_ENDED = 4403;
const TOASTS_AT_ONCE = 3;

let socket: WebSocket | undefined;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Keeps the bell's count right and says what is new, for as long as somebody looks. */
export function start(): void {
  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);
  addEventListener("pageshow", wake);
  addEventListener("pagehide", () => {
    if (socket?.readyState === WebSocket.OPEN) socket.close(1000);
  });
  wake();
}

function wake(): void {
  if (document.visibilityState !== "visible" || (socket && socket.readyState <= WebSocket.OPEN)) return;
  clearTimeout(timer);
  void connect();
}

async function connect(): Promise<void> {
  let ticket: Ticket;
  try {
    ticket = await call<Ticket>("POST", "/realtime/ticket");
  } catch (error) {
    const isSignedOut = error instanceof Problem && (error.status === 401 || error.status === 403);
    if (!isSignedOut) again(1013);
    return;
  }
  if (socket && socket.readyState <= WebSocket.OPEN) return;
  socket = new WebSocket(ticket.url, ticket.subprotocols);
  socket.addEventListener("message", (event) => take(JSON.parse(String(event.data)) as Message));
  socket.addEventListener("close", (event) => {
    if (event.code === SESSION_ENDED) toast("You were signed out.", { href: "/sign-in", label: "Sign in" });
    again(event.code);
  });
}

function again(code: number): void {
  const wait = waitAfter(code, failures);
  failures += 1;
  clearTimeout(timer);
  if (wait !== null) timer = setTimeout(wake, wait);
}

function take(message: Message): void {
  if (message.type === "hello") {
    failures = 0;
    ask();
  } else if (message.type === "resync") {
    ask();
  } else if (message.type === "missed") {
    const isFirst = heard() === null;
    keep(message);
    count(message.unread);
    if (!isFirst && !message.reset) tell(message.notifications);
  } else if (message.type === "notification") {
    keep(message);
    count(message.unread);
    if (message.notification) tell([message.notification]);
  }
}

function ask(): void {
  const from = heard() ?? { position: 0, epoch: "" };
  socket?.send(JSON.stringify({ type: "resume", ...from }));
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
