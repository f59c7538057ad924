/** What a close code asks of us: `docs/reference/realtime.md` has the same table, made by the server. */
const NEVER = new Set([1000, 1009, 4400, 4403]);
const AT_ONCE = new Set([1012, 4401, 4408, 4410]);

const SOON_MS = 1_000;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

/** How long to wait before the next try, or null for no next try. The chance in it spreads thousands who were cut at once. */
export function waitAfter(code: number, failures: number, chance: () => number = Math.random): number | null {
  if (NEVER.has(code)) return null;
  if (AT_ONCE.has(code) && failures === 0) return chance() * SOON_MS;
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
  return most / 2 + (chance() * most) / 2;
}
