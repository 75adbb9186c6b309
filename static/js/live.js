// Asks whether something has happened to this person: <body data-live="address" data-live-pending="15">; that often in
// seconds, every minute without.
// The answer is 304, or JSON with the number of unread messages; then parts with
// hx-trigger="live:changed from:body" fetch themselves anew.
const { dataset } = document.body;
const status = document.querySelector("[data-live-status]");
const bubble = document.querySelector("[data-unread]");
const news = document.querySelector("[data-news]");
let tag = "";
let failures = 0;
let actedAt = 0;
let timer;
let last = 0;

function pause() {
  const seconds = Date.now() - actedAt < 120000 ? 5 : (dataset.livePending ?? 60);
  return 1000 * seconds * 2 ** Math.min(failures, 5) * (0.8 + 0.4 * Math.random());
}

function plan() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(ask, pause());
}

// In the title stands what waits: the requests of a provider's day, elsewhere what is unread, of which more is read out.
function show({ unread, requests }, isNews) {
  const waiting = requests ? requests.length : unread;
  if (isNews && unread > bubble.textContent) news.textContent = `${news.dataset.news} ${unread}`;
  bubble.textContent = unread > 99 ? "99+" : unread;
  bubble.hidden = !unread;
  document.title = (waiting ? `(${waiting}) ` : "") + document.title.replace(/^\(\d+\) /, "");
}

function say(isOnline) {
  if (!status) return;
  status.classList.toggle("is-off", !isOnline);
  status.querySelector("[data-online]").hidden = !isOnline;
  status.querySelector("[data-offline]").hidden = isOnline;
  if (isOnline) status.querySelector("time").dateTime = new Date().toISOString();
}

const announce = () => document.body.dispatchEvent(new Event("live:changed", { bubbles: true }));

async function ask() {
  clearTimeout(timer);
  const number = (last += 1);
  // What is answered late or never is told by the next answer.
  const signal = AbortSignal.timeout(30000);
  try {
    const answer = await fetch(dataset.live, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store", signal });
    if (number < last) return;
    // Not signed in any more: a page that is kept true by its parts leads to where one signs in.
    if (answer.status === 401 || answer.redirected) return void (status && announce());
    if (!answer.ok && answer.status !== 304) throw new Error(answer.status);
    failures = 0;
    say(true);
    if (answer.ok) {
      const isNews = tag !== "";
      tag = answer.headers.get("ETag") ?? "";
      show(await answer.json(), isNews);
      if (isNews) announce();
    }
  } catch {
    if (number < last) return;
    failures += 1;
    say(false);
  }
  plan();
}

if (dataset.live) {
  ask();
  addEventListener("focus", ask);
  addEventListener("online", ask);
  addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));
  addEventListener("submit", () => {
    actedAt = Date.now();
    plan();
  });
}
