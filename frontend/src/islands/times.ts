import { fresh } from "../core/once";

const YEAR_SECONDS = 31_536_000;

/** Tells the server the reader's zone for the pages to come, and puts this one's times into it. */
export function localTimes(root: ParentNode): void {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const cookie = `df_zone=${zone}`;
  if (zone && !document.cookie.includes("df_zone=")) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${cookie}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax${secure}`;
  }
  const language = document.documentElement.lang || "en";
  const exact = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
  for (const element of fresh<HTMLTimeElement>(root, "time[datetime]", "timed")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    element.title = exact.format(moment);
    if (element.textContent?.endsWith(" UTC")) element.textContent = inWords(moment, language);
  }
}

/** As the server writes it: `21 November 2026, 12:00`. */
function inWords(moment: Date, language: string): string {
  const locale = language === "en" ? "en-GB" : language;
  const day = moment.toLocaleDateString(locale, { day: "numeric", month: "long", year: "numeric" });
  return `${day}, ${moment.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" })}`;
}
