// Where htmx finds no network, the browser goes itself: to the page that says so, from where it can be tried again.
document.addEventListener("htmx:error", ({ target }) => {
  if (navigator.onLine) return;
  if (target.href) location.assign(target.href);
  else if (target.method === "get") target.submit();
});
