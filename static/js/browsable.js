// Sends what the forms of an API page contain, as JSON, and shows the answer below.
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

for (const form of document.querySelectorAll("form[data-call]")) {
  const answer = form.querySelector("pre");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const headers = { Accept: "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
    const body = form.querySelector("textarea")?.value;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    // Each press is a request of its own.
    if ("repeatable" in form.dataset) headers["Idempotency-Key"] = crypto.randomUUID();
    answer.hidden = false;
    answer.textContent = "…";
    try {
      const response = await fetch(form.action, { method: form.dataset.call, headers, body });
      const text = await response.text();
      answer.textContent = `${response.status} ${response.statusText}\n\n${pretty(text)}`;
    } catch (error) {
      answer.textContent = `No answer: ${error.message}`;
    }
  });
}
