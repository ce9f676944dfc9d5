/**
 * The service worker of the filing pages. It answers with a copy only when the server does not answer, and never
 * with one of another account: a page says whose it is (`Gangmu-Account`), and only the account that was the last to
 * be seen is served.
 */
/// <reference lib="webworker" />

const worker = self as unknown as ServiceWorkerGlobalScope;
const PAGES = "gangmu-pages";
const WHOSE = "gangmu-whose";
const FILES = "gangmu-files";
const ACCOUNT = "Gangmu-Account";
const MOST_PAGES = 60;
const MOST_FILES = 80;
const PATIENCE = 20_000;

interface Kept {
  account: string;
  page: string;
  files: string[];
}

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("message", (event) => {
  const kept: Kept | undefined = event.data?.keep;
  if (kept) event.waitUntil(keep(kept).then(() => event.source?.postMessage({ kept: kept.page })));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== worker.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (address.pathname.startsWith("/static/")) event.respondWith(file(request));
});

/** Pages come from the server while it answers, and are kept when they say that they may be. */
async function page(request: Request): Promise<Response> {
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    await remember(request.url, response.clone());
    return response;
  } catch (error) {
    const copy = await (await caches.open(PAGES)).match(request.url, { ignoreVary: true });
    if (copy) return copy;
    throw error;
  }
}

/** Files with their content's hash in their names: a copy is as good as the file. Others are asked for first. */
async function file(request: Request): Promise<Response> {
  const cache = await caches.open(FILES);
  const hashed = request.url.includes("/assets/");
  const copy = await cache.match(request, { ignoreVary: true });
  if (copy && hashed) return copy;
  try {
    const response = await fetch(request);
    if (response.ok && hashed) await put(cache, request.url, response.clone(), MOST_FILES);
    return response;
  } catch (error) {
    if (copy) return copy;
    throw error;
  }
}

async function remember(address: string, response: Response): Promise<void> {
  const account = response.headers.get(ACCOUNT);
  if (!account || !response.ok) return;
  const whose = await caches.open(WHOSE);
  const owner = await (await whose.match("/"))?.text();
  if (owner !== account) {
    await caches.delete(PAGES);
    await whose.put("/", new Response(account));
  }
  await put(await caches.open(PAGES), address, response, MOST_PAGES);
}

/** The first visit came before the worker: it fetches the page's copy from the browser's own store. */
async function keep({ account, page, files }: Kept): Promise<void> {
  const known = await (await caches.open(PAGES)).match(page, { ignoreVary: true });
  if (known?.headers.get(ACCOUNT) !== account) {
    await remember(page, await fetch(page, { cache: "force-cache", credentials: "same-origin" }));
  }
  const cache = await caches.open(FILES);
  const wanted = new Set(files.filter((one) => new URL(one).pathname.startsWith("/static/")));
  for (const one of wanted) {
    if (await cache.match(one, { ignoreVary: true })) continue;
    const response = await fetch(one, { cache: "force-cache" });
    if (response.ok) await put(cache, one, response, MOST_FILES);
  }
}

async function put(cache: Cache, address: string, response: Response, most: number): Promise<void> {
  await cache.delete(address, { ignoreVary: true });
  await cache.put(address, response);
  const addresses = await cache.keys();
  for (const old of addresses.slice(0, Math.max(0, addresses.length - most))) await cache.delete(old);
}
