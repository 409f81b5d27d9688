/* global shell -- the build puts it before this file: the addresses of the shell, and a name that changes with them */

// The service worker: keeps the shell of the client (the page, its script up to the sign-in, its look) for when the server is away. It
// answers for nothing else: what the API says and every picture come from the server or not at all. And it shows what the server tells a user
// by web push, also while no window is open.

const cacheName = `shell-${shell.version}`;
/** The page's words for what is pushed, in the reader's language (`src/notifications/pushWords.ts`). */
const wordsCache = "words";
const wordsPath = "/push-words.json";
/** A server that is gone without a word: the kept page is better than a blank one for minutes. */
const patienceMs = 4000;
/** Not the client's routes, although a browser can go there. */
const servers = /^\/(api|hls|dash|webrtc|mse|mjpeg|health|metrics|streaming|admin)(\/|$)/;

self.addEventListener("install", (event) => {
  const fresh = shell.files.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll(fresh))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names.filter((name) => name !== cacheName && name !== wordsCache).map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || servers.test(pathname)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (shell.files.includes(pathname)) event.respondWith(keptOr(request));
});

/** The server's page while it answers: it may be newer. */
async function page(request) {
  const asked = fetch(request);
  const tooLate = new Promise((_, reject) => setTimeout(reject, patienceMs));
  try {
    return await Promise.race([asked, tooLate]);
  } catch {
    asked.catch(() => undefined);
    return (await kept("/")) ?? asked;
  }
}

/** Files with a hash in their name do not change. The few others are asked for, while the server answers. */
async function keptOr(request) {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/assets/")) return (await kept(pathname)) ?? fetch(request);
  try {
    return await fetch(request);
  } catch (error) {
    const file = await kept(pathname);
    if (file) return file;
    throw error;
  }
}

const kept = async (pathname) => (await caches.open(cacheName)).match(pathname);

self.addEventListener("push", (event) => event.waitUntil(show(told(event.data))));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(pathOf(event.notification.data?.url)));
});

/** Browsers ask for something to be shown for every push, also for one that cannot be read. */
function told(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

/** The same id again takes the place of what was shown, and is heard again. */
async function show({ id, title, text, eventType, url }) {
  const words = await keptWords();
  return self.registration.showNotification(titleWords(title ?? "VMS", words), {
    body: textWords(text ?? "", eventType, words),
    tag: id,
    renotify: Boolean(id),
    icon: "/icon-192.png",
    data: { url: pathOf(url) },
  });
}

/** Undefined: no page has left any, and the server's words stand. */
async function keptWords() {
  try {
    return await (await (await caches.open(wordsCache)).match(wordsPath))?.json();
  } catch {
    return undefined;
  }
}

/** As `src/notifications/messages.ts` says it. */
function textWords(text, eventType, words) {
  if (!words || !eventType) return text;
  if (eventType === "notification.test") return words.test;
  const [type, seen, ...rest] = text.split(", ");
  if (type !== eventType) return text;
  return [words.types[type] ?? type, ...(seen === undefined ? [] : [words.classes[seen] ?? seen]), ...rest].join(", ");
}

function titleWords(title, words) {
  if (!words) return title;
  const begin = Object.keys(words.beginnings).find((text) => title.startsWith(text));
  if (begin !== undefined) return words.beginnings[begin] + titleWords(title.slice(begin.length), words);
  const rule = Object.keys(words.rules).find((name) => title === name || title.startsWith(`${name}: `));
  return rule === undefined ? title : words.rules[rule] + title.slice(rule.length);
}

/** In a window that is open already, without loading it anew; else in a new one. */
async function open(path) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  // Who is not signed in has no page to show it on.
  const there = windows.find((client) => !/^\/(login|setup)/.test(new URL(client.url).pathname));
  if (!there) return self.clients.openWindow(path);
  await there.focus();
  there.postMessage({ type: "open", url: path });
}

/** Of our own pages alone, whatever was sent: browsers read backslashes, too, as the way to another host. */
function pathOf(url) {
  const { origin } = self.location;
  if (typeof url !== "string" || !url.startsWith("/") || !URL.canParse(url, origin)) return "/";
  return new URL(url, origin).origin === origin ? url : "/";
}
