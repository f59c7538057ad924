/** The store did not take a part. `status` 0: it was not reached. */
export class NotTaken extends Error {
  constructor(readonly status: number) {
    super(`the store answered ${status}`);
  }
}

const SILENT_MS = 60_000;

/** `fetch` tells no progress of what it sends, so this is the older way. A line that says nothing for a minute is dead. */
export function send(
  url: string,
  headers: Record<string, string>,
  piece: Blob,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    const cut = (): void => request.abort();
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = (): void => {
      clearTimeout(silence);
      silence = setTimeout(cut, SILENT_MS);
    };
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => {
      heard();
      progress(event.loaded);
    });
    request.addEventListener("loadend", () => {
      clearTimeout(silence);
      signal.removeEventListener("abort", cut);
      if (signal.aborted) failed(new DOMException("stopped", "AbortError"));
      else if (request.status >= 200 && request.status < 300) done();
      else failed(new NotTaken(request.status));
    });
    signal.addEventListener("abort", cut);
    heard();
    if (signal.aborted) failed(new DOMException("stopped", "AbortError"));
    else request.send(piece);
  });
}
