// "Near me": the browser's position, to some hundred metres, in place of a city.
for (const button of document.querySelectorAll("[data-position]")) {
  const form = button.closest("form");
  button.hidden = !("geolocation" in navigator);
  button.addEventListener("click", () => {
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.near.value = `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`;
        form.elements.place.value = "";
        form.submit();
      },
      () => {
        button.removeAttribute("aria-busy");
        form.elements.place.focus();
      },
    );
  });
}
