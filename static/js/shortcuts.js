// What says that an arrow is its shortcut is pressed by it alone, unless a field has the focus and needs the arrow itself.
addEventListener("keydown", ({ key, target, altKey, ctrlKey, metaKey, shiftKey }) => {
  if (target.form || altKey || ctrlKey || metaKey || shiftKey || !/^Arrow/.test(key)) return;
  document.querySelector(`[aria-keyshortcuts=${key}]`)?.click();
});
