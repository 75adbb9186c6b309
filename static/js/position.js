// "Near me": the browser's position, to some hundred metres, in place of a city; or into the two fields that are named.
for (const button of document.querySelectorAll("[data-position]")) {
  const form = button.closest("form");
  button.hidden = !("geolocation" in navigator);
  button.addEventListener("click", () => {
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const fields = button.dataset.position.split(" ");
        if (fields[1]) {
          for (const name of fields) form.elements[name].value = coords[name].toFixed(5);
          button.removeAttribute("aria-busy");
          return;
        }
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
