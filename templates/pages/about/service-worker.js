// Keeps one page, for when there is no network. Of the site's other pages, and of anybody's, it keeps nothing.
const CACHE = "offline-{{ version }}";
const PAGE = "{{ page }}";

addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.add(new Request(PAGE, { cache: "reload", credentials: "omit" })))
      .then(() => skipWaiting()),
  );
});

addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const names = await caches.keys();
      await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
      // The browser asks for the page while the worker wakes up.
      await registration.navigationPreload?.enable();
    })(),
  );
});

async function answer(event) {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch {
    return caches.match(PAGE);
  }
}

addEventListener("fetch", (event) => {
  const { mode, method } = event.request;
  if (mode === "navigate" && method === "GET") event.respondWith(answer(event));
});
