// "in 2 hours", "5 minutes ago", kept true while one looks: <time datetime="…" data-relative>.
const language = document.documentElement.lang || "en";
// In numbers: 40 hours ahead is "tomorrow" by no calendar. But "now", not "in 0 seconds". pages/words.py says the same.
const numbers = new Intl.RelativeTimeFormat(language);
const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const UNITS = [["day", 86400, 2], ["hour", 3600, 1], ["minute", 60, 1]];

function distance(date) {
  const seconds = (new Date(date) - Date.now()) / 1000;
  const [unit, size] = UNITS.find(([, size, least]) => Math.abs(seconds) >= size * least) ?? [];
  return unit ? numbers.format(Math.trunc(seconds / size), unit) : words.format(0, "second");
}

function tick() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const text = distance(time.dateTime);
    if (time.textContent !== text) time.textContent = text;
  }
}

tick();
setInterval(tick, 1000);
addEventListener("htmx:after:swap", tick);
