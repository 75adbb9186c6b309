// A form says within a moment that it was sent, and is not sent twice.
const sent = new WeakSet();

addEventListener("submit", (event) => {
  const form = event.target;
  // A sheet has done its part.
  event.submitter?.closest("[popover]")?.hidePopover();
  if (form.method !== "post" || event.defaultPrevented) return;
  if (sent.has(form)) return event.preventDefault();
  sent.add(form);
  const button = event.submitter ?? form.querySelector("[type=submit]");
  button?.classList.add("is-loading");
  button?.setAttribute("aria-busy", "true");
});

function ready(form) {
  sent.delete(form);
  for (const button of form.querySelectorAll(".is-loading")) {
    button.classList.remove("is-loading");
    button.removeAttribute("aria-busy");
  }
}

// A menu that the focus has left would lie over what has it.
addEventListener("focusin", ({ target }) => {
  const menu = document.querySelector(":popover-open");
  if (menu && !menu.contains(target) && !target.contains(menu)) menu.hidePopover();
});

// Back from the next page, or answered by htmx: the form may be sent again.
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach(ready);
});
addEventListener("htmx:finally:request", (event) => {
  const form = event.target.closest?.("form");
  if (form) ready(form);
});

// What was refused is read first.
function showErrors() {
  document.querySelector("[data-errors]")?.focus();
}
showErrors();
addEventListener("htmx:after:swap", (event) => {
  if (event.target.querySelector?.("[data-errors]")) showErrors();
});
