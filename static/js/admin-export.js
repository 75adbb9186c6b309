/* A long list as CSV: fetched part by part, with a count while it goes on. Without this the link streams it as a whole. */

const rowsOf = (text) => (text.match(/\n/g) || []).length;

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// A busy moment (503) is waited out.
const fetchPart = async (address) => {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(address, { credentials: "same-origin" });
    const isPart = response.ok && response.headers.get("Content-Type").startsWith("text/csv");
    if (isPart) return response;
    if (response.status !== 503 || attempt === 4) throw new Error(response.status);
    await wait(1000 * attempt);
  }
};

const fetchParts = async (address, tell) => {
  const parts = [];
  let rows = -1;
  let next = address;
  while (next) {
    const response = await fetchPart(next);
    const text = await response.text();
    parts.push(text);
    rows += rowsOf(text);
    tell(rows);
    next = response.headers.get("X-Next-Part");
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
    } catch {
      // Whatever stood in the way is said by the page that streams it.
      location.assign(link.href);
    } finally {
      link.removeAttribute("aria-busy");
    }
  });
}
