// Sends photos straight to their bucket, with a preview and how far each is: <section data-photos data-ask data-claim
// data-most-bytes>. What has arrived becomes a photo at data-claim; in a form (data-draft), its id is sent with the form.

let sending = 0;
// Trying again does not help: nobody is signed in any more, or somebody anew, with whose token the page is not.
const SIGNED_OUT = new Error("signed out");

function prepare(root) {
  for (const pick of root.querySelectorAll("[data-photo-pick]")) pick.hidden = false;
  for (const link of root.querySelectorAll("[data-photo-link]")) link.hidden = true;
}

function token(root) {
  return (root.querySelector("[data-photo-token]") ?? root.closest("form")).querySelector("[name=csrfmiddlewaretoken]").value;
}

async function post(root, address, values, options = {}) {
  const body = new URLSearchParams({ ...values, csrfmiddlewaretoken: token(root) });
  return fetch(address, { method: "POST", body, ...options });
}

// A canvas, not an address of the file: the policy of contents knows no such pictures.
async function preview(item, file) {
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: 320 });
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    Object.assign(canvas, { role: "img", ariaLabel: file.name });
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    item.prepend(canvas);
  } catch {
    // It is no picture: the bucket's owner will say so.
  }
}

function send({ url, fields }, file, bar, signal) {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", file);
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = loaded / total; });
    request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(new Error(request.status))));
    request.addEventListener("error", reject);
    request.addEventListener("abort", reject);
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", url);
    request.send(form);
  });
}

function tell(root, file) {
  root.querySelector("[data-photo-status]").textContent = `${root.dataset.added}: ${file.name}`;
}

function refuse(root, item, words, file) {
  item.replaceChildren();
  const note = document.createElement("p");
  note.className = "photo-note is-refused";
  note.setAttribute("role", "alert");
  note.textContent = words;
  item.append(note);
  addDrop(root, item, file?.name ?? words);
}

function addDrop(root, item, name) {
  const button = document.createElement("button");
  const ariaLabel = `${root.dataset.remove}: ${name}`;
  Object.assign(button, { type: "button", className: "button quiet is-small", textContent: "×", ariaLabel });
  button.dataset.photoDrop = "";
  item.append(button);
}

function addItem(root) {
  const item = document.createElement("li");
  item.className = "photo";
  root.querySelector("[data-photo-list]").append(item);
  return item;
}

async function claim(root, id) {
  const headers = { "HX-Request": "true", "HX-Target": "div#photos" };
  const answer = await post(root, root.dataset.claim, { do: "claim", upload: id }, { headers });
  if (answer.status === 401 || answer.headers.has("HX-Redirect")) throw SIGNED_OUT;
  const isPhotos = answer.headers.get("Content-Type")?.startsWith("text/html") && !answer.headers.has("HX-Retarget");
  // A refusal has the photos, too. The gateway has none.
  if (!isPhotos) throw new Error(answer.status);
  const place = root.querySelector("#photos");
  const text = await answer.text();
  // What is still asked for is from before.
  const outdated = place.querySelector("[hx-get].htmx-request");
  if (outdated) htmx.trigger(outdated, "htmx:abort");
  const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
  place.innerHTML = text;
  htmx.process(place);
  prepare(root);
  if (focused) document.getElementById(focused)?.focus();
}

function keep(item, bar, id) {
  bar.remove();
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "uploads", value: id });
  item.append(field);
}

async function upload(root, file) {
  const item = addItem(root);
  const bar = document.createElement("progress");
  bar.ariaLabel = file.name;
  item.append(bar);
  addDrop(root, item, file.name);
  // One that takes too long is removed, and not waited for.
  const dropping = new AbortController();
  const { signal } = dropping;
  item.addEventListener("photo:drop", () => dropping.abort());
  // By its name an empty file is a picture.
  if (!file.size || !root.querySelector("[data-photo-input]").accept.split(",").includes(file.type)) {
    refuse(root, item, root.dataset.other, file);
    return;
  }
  if (file.size > Number(root.dataset.mostBytes)) {
    refuse(root, item, root.dataset.large, file);
    return;
  }
  preview(item, file);
  try {
    const answer = await post(root, root.dataset.ask, { content_type: file.type }, { signal });
    if (answer.redirected) throw SIGNED_OUT;
    const told = await answer.json();
    if (!answer.ok) {
      refuse(root, item, told.message, file);
      return;
    }
    await send(told, file, bar, signal);
    signal.throwIfAborted();
    if ("draft" in root.dataset) keep(item, bar, told.id);
    else {
      await claim(root, told.id);
      item.remove();
    }
    tell(root, file);
  } catch (error) {
    const words = error === SIGNED_OUT ? root.dataset.signedOut : root.dataset.failed;
    if (!signal.aborted) refuse(root, item, words, file);
  }
}

// Those that are on their way count, too.
function isFull(root) {
  return "draft" in root.dataset && root.querySelectorAll(".photo:not(:has(.is-refused))").length >= root.dataset.most;
}

document.addEventListener("change", async (event) => {
  const root = event.target.closest?.("[data-photos]");
  if (!root || !event.target.matches("[data-photo-input]")) return;
  const files = [...event.target.files];
  event.target.value = "";
  // Sent meanwhile, a form would go without them.
  sending += 1;
  event.target.setCustomValidity(root.dataset.wait ?? "");
  // One after the other: they keep their order.
  for (const file of files) {
    if (isFull(root)) {
      refuse(root, addItem(root), root.dataset.full);
      break;
    }
    await upload(root, file);
  }
  sending -= 1;
  if (!sending) event.target.setCustomValidity("");
});
// Whoever removes a photo goes on at the one in its place, or adds another.
function goOn(root, place) {
  const buttons = [...root.querySelectorAll("[data-photo-drop], [value=remove]")];
  const next = buttons[place] ?? buttons.at(-1);
  (next ?? root.querySelector("[data-photo-input]"))?.focus();
}

const placeOf = (root, item) => [...root.querySelectorAll(".photo")].indexOf(item);

document.addEventListener("click", (event) => {
  const item = event.target.closest?.("[data-photo-drop]")?.closest("li");
  if (!item) return;
  const root = item.closest("[data-photos]");
  const place = placeOf(root, item);
  item.dispatchEvent(new Event("photo:drop"));
  item.remove();
  goOn(root, place);
});

let left;
document.addEventListener("submit", ({ target, submitter }) => {
  const root = target.closest("[data-photos]");
  if (root && submitter) left = { root, place: placeOf(root, target.closest("li")), id: submitter.id };
}, true);
document.querySelectorAll("[data-photos]").forEach(prepare);
document.addEventListener("htmx:after:swap", () => {
  document.querySelectorAll("[data-photos]").forEach(prepare);
  if (!left) return;
  const { root, place, id } = left;
  left = undefined;
  if (document.activeElement !== document.body) return;
  // The first photo has no way to go further to the front.
  const same = document.getElementById(id) ?? document.getElementById(id.replace("-earlier", "-remove"));
  if (same) same.focus();
  else goOn(root, place);
});
