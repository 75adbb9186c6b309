// Where there is no network, the browser goes itself: to the page that says so, from where it can be tried again. What
// was lost on the way otherwise, or answered by a gateway in place of the site, is said on top of the page; and so is
// what cannot even be sent: the page stays, with all that was typed.

// What asks by itself tries again by itself; what has left the page meanwhile has its events at the document.
const isWanted = (asker) => asker.matches?.("a, form");

function refuse(event) {
  event.preventDefault();
  event.stopPropagation();
  if (!isWanted(event.target)) return;
  document.querySelector("#notices").replaceChildren(document.querySelector("#lost").content.cloneNode(true));
  scrollTo(0, 0);
}

addEventListener("submit", (event) => {
  if (!navigator.onLine && event.target.method === "post") refuse(event);
}, true);
addEventListener("htmx:before:request", ({ target }) => {
  if (isWanted(target)) document.querySelector("#notices [role=alert]")?.remove();
});
addEventListener("htmx:error", (event) => {
  const { target } = event;
  if (navigator.onLine) refuse(event);
  else if (target.href) location.assign(target.href);
  else if (target.method === "get") target.submit();
});
addEventListener("htmx:before:response", (event) => {
  const { response, hx } = event.detail.ctx;
  const isPage = response.headers.get("Content-Type")?.startsWith("text/html");
  if (!isPage || (response.status > 499 && !hx.retarget)) refuse(event);
});
