// "in 2 hours", "5 minutes ago", kept true while one looks: <time datetime="…" data-relative>.
const language = document.documentElement.lang || "en";
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function words(date) {
  const seconds = (new Date(date) - Date.now()) / 1000;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1);
  return relative.format(Math.trunc(seconds / size), unit);
}

function tick() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const text = words(time.dateTime);
    if (time.textContent !== text) time.textContent = text;
  }
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:after:swap", tick);
