// "Near me": the browser's position, to some hundred metres, in place of a city; or into the fields of a point. A browser
// that does not tell says so where the place is typed. Whoever has typed one meanwhile has chosen that.
for (const button of document.querySelectorAll("[data-position]")) {
  const { near, place, latitude, longitude } = button.form.elements;
  button.hidden = !navigator.geolocation;
  button.onclick = () => {
    button.ariaBusy = true;
    const before = place?.value;
    const isTyped = () => place?.value !== before;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        if (isTyped()) button.ariaBusy = null;
        else if (near) {
          near.value = `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`;
          place.value = "";
          near.form.submit();
        } else {
          button.ariaBusy = null;
          latitude.value = coords.latitude.toFixed(5);
          longitude.value = coords.longitude.toFixed(5);
        }
      },
      () => {
        button.ariaBusy = null;
        if (isTyped()) return;
        if (near) {
          place.value = "";
          place.placeholder = button.dataset.position;
          place.focus();
        } else button.replaceWith(button.dataset.position);
      },
    );
  };
}
