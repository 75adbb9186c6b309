// What was chosen before the scripts were there, or what the browser chose again after a reload, the page follows too.
const FOLLOWED = "form[hx-trigger*=change]";

function isChanged(control) {
  if (control.tagName === "SELECT") {
    const first = [...control.options].findIndex((each) => each.defaultSelected);
    return control.selectedIndex !== Math.max(first, 0);
  }
  if (control.type === "radio" || control.type === "checkbox") return control.checked && !control.defaultChecked;
  return control.type !== "hidden" && control.value !== control.defaultValue;
}

// What htmx has already asked for on its own is on its way. This script runs before htmx does, and so misses no request.
const asked = new WeakSet();
addEventListener("htmx:before:request", (event) => asked.add(event.target));

function follow() {
  for (const form of document.querySelectorAll(FOLLOWED)) {
    if (asked.has(form)) continue;
    const control = [...form.elements].find((each) => each.name && isChanged(each));
    control?.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

// htmx listens from its first timer on.
addEventListener("pageshow", (event) => {
  if (!event.persisted) setTimeout(follow);
});
