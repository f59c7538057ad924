const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Longer after each failure; the chance in it keeps many from coming back at once. */
export function waitAfter(failures: number, chance: () => number = Math.random): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 16));
  return most / 2 + (chance() * most) / 2;
}

/** Until that time is over, or the line is back; whoever is stopped does not wait on. */
export function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, stopped) => {
    const timer = navigator.onLine ? setTimeout(end, ms) : undefined;
    const stop = (): void => {
      clear();
      stopped(new DOMException("stopped", "AbortError"));
    };
    function end(): void {
      clear();
      done();
    }
    function clear(): void {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal.removeEventListener("abort", stop);
    }
    addEventListener("online", end);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
  });
}
