// Where there is no network, the browser goes itself: to the page that says so, from where it can be tried again. What
// was lost on the way otherwise, or answered by a gateway in place of the site, is said on top of the page.

// What asks by itself tries again by itself; what has left the page meanwhile has its events at the document.
const isWanted = (asker) => asker.matches?.("a, form");

function tellLost(asker) {
  if (!isWanted(asker)) return;
  document.getElementById("notices").replaceChildren(document.getElementById("lost").content.cloneNode(true));
  scrollTo(0, 0);
}

document.addEventListener("htmx:before:request", ({ target }) => {
  if (isWanted(target)) document.querySelector("#notices [role=alert]")?.remove();
});
document.addEventListener("htmx:error", ({ target }) => {
  if (navigator.onLine || target.method === "post") tellLost(target);
  else if (target.href) location.assign(target.href);
  else if (target.method) target.submit();
});
document.addEventListener("htmx:before:response", (event) => {
  const { response, hx } = event.detail.ctx;
  const isPage = response.headers.get("Content-Type")?.startsWith("text/html");
  if (isPage && (response.status < 500 || hx.retarget)) return;
  event.preventDefault();
  tellLost(event.target);
});
