// What says that an arrow is its shortcut is pressed by it, unless a field has the focus and needs the arrow itself.
addEventListener("keydown", ({ key, altKey, target }) => {
  if (/^Arrow/.test(key) && !altKey && !target.form) document.querySelector(`[aria-keyshortcuts=${key}]`)?.click();
});
