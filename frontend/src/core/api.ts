interface ErrorBody {
  error?: { code?: string; message?: string; details?: { field: string; problem: string }[]; requestId?: string };
}

/** What the server refused, in its own words; or that it could not be reached. */
export class Problem extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code = "",
    readonly requestId = "",
  ) {
    super(message);
  }
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      headers: { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Problem("We could not reach the server. Check your connection and try again.", 0);
  }
  if (!answer.ok) throw problemIn(answer.status, await answer.text());
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

export function problemIn(status: number, text: string): Problem {
  let error: ErrorBody["error"];
  try {
    error = (JSON.parse(text) as ErrorBody).error;
  } catch {
    error = undefined;
  }
  const words = error?.details?.[0]?.problem || error?.message || "Something went wrong. Try again in a moment.";
  return new Problem(words, status, error?.code, error?.requestId);
}
