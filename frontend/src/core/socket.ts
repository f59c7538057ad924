import { call, Problem } from "./api";
import { waitAfter } from "./reconnect";
import { toast } from "./toast";

/** One socket for all that is live on a page. It comes back by itself; who listens for `hello` says again what it wants. */
export interface Message {
  type: string;
}

interface Ticket {
  url: string;
  subprotocols: string[];
}

type Listener = (message: never) => void;

const SESSION_ENDED = 4403;
const STRANGER = ["directfanz.v1"];

const listeners = new Map<string, Set<Listener>>();
let socket: WebSocket | undefined;
let greeted = false;
let begun = false;
let signedIn = false;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

export function on<M extends Message>(type: M["type"], take: (message: M) => void): void {
  const known = listeners.get(type) ?? new Set();
  listeners.set(type, known.add(take as Listener));
}

/** False when nobody hears it: say it again after the next `hello`. */
export function send(message: Message & Record<string, unknown>): boolean {
  if (!greeted || socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(message));
  return true;
}

/** For as long as somebody looks. Strangers hear what is public. */
export function begin(asSomebody: boolean): void {
  signedIn ||= asSomebody;
  if (begun) {
    if (greeted) tell({ type: "hello" });
    return;
  }
  begun = true;
  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);
  addEventListener("pageshow", wake);
  addEventListener("pagehide", () => {
    if (socket?.readyState === WebSocket.OPEN) socket.close(1000);
  });
  queueMicrotask(wake); // another part of the page may know that somebody is signed in
}

function wake(): void {
  if (document.visibilityState !== "visible" || (socket && socket.readyState <= WebSocket.OPEN)) return;
  clearTimeout(timer);
  void connect();
}

async function connect(): Promise<void> {
  let ticket: Ticket = { url: `${location.origin.replace("http", "ws")}/ws`, subprotocols: STRANGER };
  if (signedIn) {
    try {
      ticket = await call<Ticket>("POST", "/realtime/ticket");
    } catch (error) {
      const isSignedOut = error instanceof Problem && (error.status === 401 || error.status === 403);
      if (!isSignedOut) again(1013);
      return;
    }
  }
  if (socket && socket.readyState <= WebSocket.OPEN) return;
  const opened = new WebSocket(ticket.url, ticket.subprotocols);
  socket = opened;
  opened.addEventListener("message", (event) => take(JSON.parse(String(event.data)) as Message));
  opened.addEventListener("close", (event) => {
    greeted = false;
    tell({ type: "lost" });
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
    greeted = true;
  }
  tell(message);
}

function tell(message: Message): void {
  for (const listener of listeners.get(message.type) ?? []) listener(message as never);
}
