// The page that is shown without a network is kept by a worker of the browser, where there can be one.
navigator.serviceWorker?.register("/service-worker.js").catch(() => {});
