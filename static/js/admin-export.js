/* A long list as CSV: fetched part by part, with a count while it goes on. Without this the link streams it as a whole. */

const rowsOf = (text) => (text.match(/\n/g) || []).length;

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// A part's text and the next one's address. A busy moment (503) and a broken connection are waited out.
const fetchPart = async (address) => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(address, { credentials: "same-origin" });
      const isPart = response.ok && response.headers.get("Content-Type").startsWith("text/csv");
      if (isPart) return [await response.text(), response.headers.get("X-Next-Part")];
      if (response.status !== 503 || attempt === 4) return Promise.reject(new Error(response.status));
    } catch (lost) {
      if (attempt === 4) throw lost;
    }
    await wait(1000 * attempt);
  }
};

const fetchParts = async (address, tell) => {
  const parts = [];
  let rows = -1;
  let next = address;
  while (next) {
    const [text, following] = await fetchPart(next);
    parts.push(text);
    rows += rowsOf(text);
    tell(rows);
    next = following;
  }
  return parts;
};

const save = (parts, name) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};

for (const link of document.querySelectorAll("a.exportlink")) {
  const status = link.parentElement.querySelector(".export-progress");
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    if (link.getAttribute("aria-busy") === "true") return;
    link.setAttribute("aria-busy", "true");
    const address = new URL(link.href);
    address.searchParams.set("part", "");
    try {
      const parts = await fetchParts(address, (rows) => {
        status.textContent = `${rows} ${status.dataset.rows}`;
      });
      save(parts, link.dataset.name);
      status.textContent = `${status.textContent} ${status.dataset.done}`;
    } catch (error) {
      // Whatever stood in the way is said by the page that streams it, which is out of reach without a network.
      if (error instanceof TypeError) status.textContent = status.dataset.lost;
      else location.assign(link.href);
    } finally {
      link.removeAttribute("aria-busy");
    }
  });
}
