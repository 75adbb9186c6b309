// A form says within a moment that it was sent, and is not sent twice, unless no answer comes.
const sent = new WeakSet();

addEventListener("submit", (event) => {
  const form = event.target;
  // A sheet has done its part.
  event.submitter?.closest("[popover]")?.hidePopover();
  // After a file the page stays.
  if (form.method !== "post" || event.defaultPrevented || form.dataset.file) return;
  if (sent.has(form)) return event.preventDefault();
  sent.add(form);
  // No answer comes later, and whoever stopped it gets none.
  setTimeout(ready, 30000, form);
  const button = event.submitter ?? form.querySelector("[type=submit]");
  button?.setAttribute("aria-busy", "true");
});

function ready(form) {
  sent.delete(form);
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

// A menu that the focus has left would lie over what has it.
addEventListener("focusin", ({ target }) => {
  const menu = document.querySelector(":popover-open");
  if (menu && !menu.contains(target) && !target.contains(menu)) menu.hidePopover();
});

// Back from the next page: the form may be sent again.
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach(ready);
});

// What was refused is read first.
function showErrors() {
  document.querySelector("[data-errors]")?.focus();
}
showErrors();
addEventListener("htmx:after:swap", (event) => {
  if (event.target.querySelector?.("[data-errors]")) showErrors();
});
