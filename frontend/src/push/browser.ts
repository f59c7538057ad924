import { call } from "../core/api";

const WORKER = "/push-worker.js";

/** Why this browser cannot be told anything; empty when it can. */
export function whyNot(): string {
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) {
    return /iPhone|iPad/.test(navigator.userAgent)
      ? "Put this site on your home screen first, and open it from there: iPhones tell only such sites' news."
      : "This browser cannot show news while the page is closed.";
  }
  if (Notification.permission === "denied") return "You told this browser to let no news through. Allow it in the browser's settings for this site.";
  return "";
}

export async function subscribed(): Promise<PushSubscription | null> {
  const worker = await navigator.serviceWorker.getRegistration("/");
  return (await worker?.pushManager.getSubscription()) ?? null;
}

export async function turnOn(key: string): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") throw new Error("Without your permission the browser shows nothing.");
  await navigator.serviceWorker.register(WORKER, { scope: "/" });
  const worker = await navigator.serviceWorker.ready;
  const old = await worker.pushManager.getSubscription();
  if (old && !isOurs(old, key)) await old.unsubscribe();
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  const { endpoint, keys } = made.toJSON();
  await call("POST", "/push-subscriptions", { endpoint, keys });
}

export async function turnOff(): Promise<void> {
  const found = await subscribed();
  if (!found) return;
  await call("POST", "/push-subscriptions/forget", { endpoint: found.endpoint });
  await found.unsubscribe();
}

/** A subscription is for one key; another installation's, or one that was replaced, brings nothing of ours. */
export function isOurs(found: PushSubscription, key: string): boolean {
  const theirs = found.options.applicationServerKey;
  return theirs !== null && text(new Uint8Array(theirs)) === key;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(data: Uint8Array): string {
  return btoa(String.fromCharCode(...data)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
