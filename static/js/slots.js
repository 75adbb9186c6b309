// Times are radios, for which the browser knows arrows; up and down go by the row that one sees.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  const slot = event.target.closest(".slot, .day");
  const grid = slot?.closest(".slots, .days");
  if (!grid) return;
  const slots = [...grid.children].filter((other) => other.querySelector("input:not(:disabled)"));
  const from = slot.getBoundingClientRect();
  const sign = event.key === "ArrowDown" ? 1 : -1;
  const away = (other) => {
    const to = other.getBoundingClientRect();
    return [sign * (to.top - from.top), Math.abs(to.left - from.left)];
  };
  const [next] = slots
    .map((other) => [other, ...away(other)])
    .filter(([, rows]) => rows > 1)
    .sort(([, rows, columns], [, otherRows, otherColumns]) => rows - otherRows || columns - otherColumns)
    .map(([other]) => other);
  if (!next) return;
  event.preventDefault();
  const radio = next.querySelector("input");
  radio.focus();
  radio.click();
});

// While the times of another day are on their way, those that still stand there are none of it.
document.addEventListener(
  "submit",
  (event) => {
    if (event.target.closest("#times.htmx-request")) event.preventDefault();
  },
  true,
);
