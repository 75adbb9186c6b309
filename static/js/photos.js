// Sends photos straight to their bucket, with a preview and how far each is: <section data-photos data-ask data-claim
// data-most-bytes>. What has arrived becomes a photo at data-claim; in a form (data-draft), its id is sent with the form.

let sending = 0;

function prepare(root) {
  for (const pick of root.querySelectorAll("[data-photo-pick]")) pick.hidden = false;
  for (const link of root.querySelectorAll("[data-photo-link]")) link.hidden = true;
}

function token(root) {
  return (root.querySelector("[data-photo-token]") ?? root.closest("form")).querySelector("[name=csrfmiddlewaretoken]").value;
}

async function post(root, address, values, headers = {}) {
  const body = new URLSearchParams({ ...values, csrfmiddlewaretoken: token(root) });
  return fetch(address, { method: "POST", body, headers });
}

// A canvas, not an address of the file: the policy of contents knows no such pictures.
async function preview(item, file) {
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: 320 });
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    item.prepend(canvas);
  } catch {
    // It is no picture: the bucket's owner will say so.
  }
}

function send({ url, fields }, file, bar) {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", file);
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = loaded / total; });
    request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(new Error(request.status))));
    request.addEventListener("error", reject);
    request.open("POST", url);
    request.send(form);
  });
}

function refuse(root, item, words) {
  item.replaceChildren();
  const note = document.createElement("p");
  note.className = "photo-note is-refused";
  note.setAttribute("role", "alert");
  note.textContent = words;
  item.append(note);
  if ("draft" in root.dataset) addDrop(root, item);
}

function addDrop(root, item) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "button quiet is-small", textContent: "×", ariaLabel: root.dataset.remove });
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
  const answer = await post(root, root.dataset.claim, { do: "claim", upload: id }, headers);
  const place = root.querySelector("#photos");
  place.innerHTML = await answer.text();
  htmx.process(place);
  prepare(root);
}

function keep(root, item, bar, id) {
  bar.remove();
  item.dataset.upload = "";
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "uploads", value: id });
  item.append(field);
  addDrop(root, item);
}

async function upload(root, file) {
  const item = addItem(root);
  const bar = document.createElement("progress");
  bar.ariaLabel = file.name;
  item.append(bar);
  if (!root.querySelector("[data-photo-input]").accept.split(",").includes(file.type)) {
    refuse(root, item, root.dataset.other);
    return;
  }
  if (file.size > Number(root.dataset.mostBytes)) {
    refuse(root, item, root.dataset.large);
    return;
  }
  preview(item, file);
  try {
    const answer = await post(root, root.dataset.ask, { content_type: file.type });
    const told = await answer.json();
    if (!answer.ok) {
      refuse(root, item, told.message);
      return;
    }
    await send(told, file, bar);
    if ("draft" in root.dataset) keep(root, item, bar, told.id);
    else await claim(root, told.id);
  } catch {
    refuse(root, item, root.dataset.failed);
  }
}

document.addEventListener("change", async (event) => {
  const root = event.target.closest?.("[data-photos]");
  if (!root || !event.target.matches("[data-photo-input]")) return;
  const files = [...event.target.files];
  event.target.value = "";
  const room = "draft" in root.dataset ? root.dataset.most - root.querySelectorAll("[data-upload]").length : files.length;
  // Sent meanwhile, a form would go without them.
  sending += 1;
  event.target.setCustomValidity(root.dataset.wait ?? "");
  // One after the other: they keep their order.
  for (const file of files.slice(0, Math.max(room, 0))) await upload(root, file);
  sending -= 1;
  if (!sending) event.target.setCustomValidity("");
  if (files.length > room) refuse(root, addItem(root), root.dataset.full);
});
document.addEventListener("click", (event) => {
  event.target.closest?.("[data-photo-drop]")?.closest("li").remove();
});
document.querySelectorAll("[data-photos]").forEach(prepare);
document.addEventListener("htmx:after:swap", () => document.querySelectorAll("[data-photos]").forEach(prepare));
