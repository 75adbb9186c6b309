// Tells the server the zone that this device keeps its time in; without it the profile page asks.
const field = document.querySelector("input[name=time_zone]");
if (field && !field.value) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
