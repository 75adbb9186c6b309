// What is typed into <form data-kept="person service"> is kept by this tab: after a reload, with another time chosen, or
// when sending it came to nothing, it stands there again. The booking's page forgets what was sent, the page after
// signing out (data-forget) all. In place of a service stands the path of a form for what can be done only once: that
// it was sent is not that it arrived, and afterwards there is no such form any more. `uploads` are the photos that wait
// in their bucket.
const PREFIX = "kept ";
const form = document.querySelector("form[data-kept]");

const controlsOf = (within) => [...within.elements].filter(({ name, type }) => name && type !== "hidden");

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + form.dataset.kept));
  } catch {
    return null;
  }
}

function write(isSent) {
  const values = {};
  for (const { name, type, value, checked } of controlsOf(form)) {
    const isChoice = type === "radio" || type === "checkbox";
    values[name] = [...(values[name] ?? []), ...(isChoice && !checked ? [] : [value])];
  }
  const kept = { values, uploads: new FormData(form).getAll("uploads"), isSent };
  try {
    sessionStorage.setItem(PREFIX + form.dataset.kept, JSON.stringify(kept));
  } catch {
    // Without room, or without leave to keep anything, all is as it was before.
  }
}

function restore({ values, uploads }) {
  for (const control of controlsOf(form)) {
    const kept = values[control.name];
    if (!kept) continue;
    if (control.type !== "radio" && control.type !== "checkbox") control.value = kept[0];
    // Of a choice that is not offered any more the first stays.
    else if (control.type === "checkbox" || controlsOf(form).some(({ name, value }) => name === control.name && kept.includes(value)))
      control.checked = kept.includes(control.value);
  }
  const photo = form.querySelector("[data-photo-kept]");
  const there = new FormData(form).getAll("uploads");
  for (const upload of photo ? uploads.filter((each) => !there.includes(each)) : []) {
    const item = photo.content.cloneNode(true);
    Object.assign(item.querySelector("input"), { name: "uploads", value: upload });
    form.querySelector("[data-photo-list]").append(item);
  }
}

function isOver(key) {
  // What somebody else typed in this tab is nobody's business.
  if (form) return !key.startsWith(`${PREFIX}${form.dataset.kept.split(" ")[0]} `);
  return document.querySelector("[data-forget]") || (!key.includes(" /") && JSON.parse(sessionStorage.getItem(key)).isSent);
}

for (const key of Object.keys(sessionStorage)) {
  if (key.startsWith(PREFIX) && isOver(key)) sessionStorage.removeItem(key);
}

if (form) {
  const kept = read();
  // What came back with a refusal is the newest.
  const isRefused = form.querySelector("[data-errors]") !== null;
  const isWanted = kept !== null && !isRefused;
  if (isWanted) restore(kept);
  let isTouched = isRefused || isWanted;
  let isTyped = false;
  let isSent = false;
  const save = () => {
    if (isTouched) write(isSent);
  };
  form.addEventListener("input", () => {
    isTouched = isTyped = true;
    save();
  });
  form.addEventListener("submit", (event) => {
    isSent = isSent || !event.defaultPrevented;
    save();
  });
  // Photos come and go without a word.
  window.addEventListener("pagehide", () => {
    isTouched = isTouched || new FormData(form).has("uploads");
    save();
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) isSent = false;
    // On the way back the browser has meanwhile put in what it remembers, which may be older.
    else if (isWanted && !isTyped) restore(kept);
  });
}
