{
const language = document.documentElement.lang || "en";const numbers = new Intl.RelativeTimeFormat(language);const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });const UNITS = [["day", 86400, 2], ["hour", 3600, 1], ["minute", 60, 1]];function distance(date) {const seconds = (new Date(date) - Date.now()) / 1000;const [unit, size] = UNITS.find(([, size, least]) => Math.abs(seconds) >= size * least) ?? [];return unit ? numbers.format(Math.trunc(seconds / size), unit) : words.format(0, "second");}
function tick() {for (const time of document.querySelectorAll("time[data-relative]")) {const text = distance(time.dateTime);if (time.textContent !== text) time.textContent = text;}
}
tick();setInterval(tick, 1000);addEventListener("htmx:after:swap", tick);}
{
const FOLLOWED = "form[hx-trigger*=change]";function isChanged(control) {if (control.tagName === "SELECT") {const first = [...control.options].findIndex((each) => each.defaultSelected);return control.selectedIndex !== Math.max(first, 0);}
if (control.type === "radio" || control.type === "checkbox") return control.checked && !control.defaultChecked;return control.type !== "hidden" && control.value !== control.defaultValue;}
const asked = new WeakSet();addEventListener("htmx:before:request", (event) => asked.add(event.target));function follow() {for (const form of document.querySelectorAll(FOLLOWED)) {if (asked.has(form)) continue;const control = [...form.elements].find((each) => each.name && isChanged(each));control?.dispatchEvent(new Event("change", { bubbles: true }));}
}
addEventListener("pageshow", (event) => {if (!event.persisted) setTimeout(follow);});}
{
const sent = new WeakSet();addEventListener("submit", (event) => {const form = event.target;event.submitter?.closest("[popover]")?.hidePopover();if (form.method !== "post" || event.defaultPrevented || form.dataset.file) return;if (sent.has(form)) return event.preventDefault();sent.add(form);setTimeout(ready, 30000, form);const button = event.submitter ?? form.querySelector("[type=submit]");button?.setAttribute("aria-busy", "true");});function ready(form) {sent.delete(form);for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");}
addEventListener("focusin", ({ target }) => {const menu = document.querySelector(":popover-open");if (menu && !menu.contains(target) && !target.contains(menu)) menu.hidePopover();});addEventListener("pageshow", (event) => {if (event.persisted) document.querySelectorAll("form").forEach(ready);});function showErrors() {document.querySelector("[data-errors]")?.focus();}
showErrors();addEventListener("htmx:after:swap", (event) => {if (event.target.querySelector?.("[data-errors]")) showErrors();});}
{
const { dataset } = document.body;const status = document.querySelector("[data-live-status]");const bubble = document.querySelector("[data-unread]");const news = document.querySelector("[data-news]");let tag = "";let failures = 0;let actedAt = 0;let timer;let last = 0;function pause() {const seconds = Date.now() - actedAt < 120000 ? 5 : (dataset.livePending ?? 60);return 1000 * seconds * 2 ** Math.min(failures, 5) * (0.8 + 0.4 * Math.random());}
function plan() {clearTimeout(timer);if (!document.hidden) timer = setTimeout(ask, pause());}
function show({ unread, requests }, isNews) {const waiting = requests ? requests.length : unread;if (isNews && unread > bubble.textContent) news.textContent = `${news.dataset.news} ${unread}`;bubble.textContent = unread > 99 ? "99+" : unread;bubble.hidden = !unread;document.title = (waiting ? `(${waiting}) ` : "") + document.title.replace(/^\(\d+\) /, "");}
function say(isOnline) {if (!status) return;status.classList.toggle("is-off", !isOnline);status.querySelector("[data-online]").hidden = !isOnline;status.querySelector("[data-offline]").hidden = isOnline;if (isOnline) status.querySelector("time").dateTime = new Date().toISOString();}
const announce = () => document.body.dispatchEvent(new Event("live:changed", { bubbles: true }));async function ask() {clearTimeout(timer);const number = (last += 1);const signal = AbortSignal.timeout(30000);try {const answer = await fetch(dataset.live, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store", signal });if (number < last) return;if (answer.status === 401 || answer.redirected) return void (status && announce());if (!answer.ok && answer.status !== 304) throw new Error(answer.status);failures = 0;say(true);if (answer.ok) {const isNews = tag !== "";tag = answer.headers.get("ETag") ?? "";show(await answer.json(), isNews);if (isNews) announce();}
} catch {if (number < last) return;failures += 1;say(false);}
plan();}
if (dataset.live) {ask();addEventListener("focus", ask);addEventListener("online", ask);addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));addEventListener("submit", () => {actedAt = Date.now();plan();});}
}
{
const isWanted = (asker) => asker.matches?.("a, form");function refuse(event) {event.preventDefault();event.stopPropagation();if (!isWanted(event.target)) return;document.querySelector("#notices").replaceChildren(document.querySelector("#lost").content.cloneNode(true));scrollTo(0, 0);}
addEventListener("submit", (event) => {if (!navigator.onLine && event.target.method === "post") refuse(event);}, true);addEventListener("htmx:before:request", ({ target }) => {if (isWanted(target)) document.querySelector("#notices [role=alert]")?.remove();});addEventListener("htmx:error", (event) => {const { target } = event;if (navigator.onLine) refuse(event);else if (target.href) location.assign(target.href);else if (target.method === "get") target.submit();});addEventListener("htmx:before:response", (event) => {const { response, hx } = event.detail.ctx;const isPage = response.headers.get("Content-Type")?.startsWith("text/html");if (!isPage || (response.status > 499 && !hx.retarget)) refuse(event);});}
{
navigator.serviceWorker?.register("/service-worker.js").catch(() => {});}
