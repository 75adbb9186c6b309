// What a page says of now, and what can be done from now on, follows the clock although nothing happens: its parts fetch
// themselves anew, as on news, every five minutes while somebody looks.
const part = () => Math.floor(Date.now() / 300000);
let shown = part();

function follow() {
  if (document.hidden || part() === shown) return;
  shown = part();
  document.body.dispatchEvent(new CustomEvent("live:changed", { bubbles: true }));
}

setInterval(follow, 5000);
document.addEventListener("visibilitychange", follow);
