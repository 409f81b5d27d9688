import { readFileSync } from "node:fs";
import { beforeEach, expect, test, vi } from "vitest";

const code = readFileSync("offline/worker.js", "utf8");
const origin = "http://vms.local";
const shell = { version: "2", files: ["/", "/theme.js", "/assets/index-abc.js"] };

type Handler = (event: { request: object; respondWith: (answer: Promise<unknown>) => void }) => void;
type Waiting = (event: {
  waitUntil: (work: Promise<unknown>) => void;
  data?: object | null;
  notification?: object;
}) => void;

let fetched: string[];
let serverAnswers: boolean;
const kept = new Map<string, unknown>();
let onFetch: Handler;
let handlers: Record<string, Handler>;
let shown: { title: string; options: Record<string, unknown> }[];
let windows: { url: string; did: unknown[]; focus: () => Promise<void>; postMessage: (message: unknown) => void }[];
let opened: string[];

beforeEach(() => {
  fetched = [];
  serverAnswers = true;
  kept.clear();
  for (const file of shell.files) kept.set(file, `kept ${file}`);
  handlers = {};
  shown = [];
  windows = [];
  opened = [];
  const self = {
    addEventListener: (name: string, handler: Handler) => (handlers[name] = handler),
    location: { origin },
    registration: {
      showNotification: (title: string, options: Record<string, unknown>) =>
        Promise.resolve(void shown.push({ title, options })),
    },
    clients: {
      matchAll: () => Promise.resolve(windows),
      openWindow: (path: string) => Promise.resolve(void opened.push(path)),
    },
  };
  const caches = { open: () => Promise.resolve({ match: (path: string) => Promise.resolve(kept.get(path)) }) };
  const fetch = ({ url }: { url: string }) => {
    fetched.push(url.slice(origin.length));
    return serverAnswers ? Promise.resolve("fresh") : Promise.reject(new TypeError("Failed to fetch"));
  };
  new Function("self", "caches", "fetch", "shell", code)(self, caches, fetch, shell);
  onFetch = handlers["fetch"]!;
});

/** Has the worker handle something, and waits as long as it asks for. */
async function happens(name: "push" | "notificationclick", event: { data?: object | null; notification?: object }) {
  let work: Promise<unknown> | undefined;
  (handlers[name] as unknown as Waiting)({ ...event, waitUntil: (given) => (work = given) });
  await work;
}

/** A window of the client, and what is done with it. */
function windowAt(path: string) {
  const did: unknown[] = [];
  windows.push({
    url: origin + path,
    did,
    focus: () => Promise.resolve(void did.push("focus")),
    postMessage: (message) => did.push(message),
  });
  return did;
}

const click = (url: unknown) =>
  happens("notificationclick", { notification: { close: () => opened.push("closed"), data: { url } } });

/** What the worker answers; null where it leaves the request to the browser. */
function answerTo(path: string, mode = "cors", method = "GET", host = origin): Promise<unknown> | null {
  let answer: Promise<unknown> | null = null;
  onFetch({ request: { url: host + path, mode, method }, respondWith: (given) => (answer = given) });
  return answer;
}

test.each([
  "/api/cameras",
  "/api/auth/me",
  "/hls/cam_a/index.m3u8",
  "/mse/cam_a",
  "/health",
  "/assets/PlaybackPage-x.js",
])("it has no part in %s", (path) => expect(answerTo(path)).toBeNull());

test("it has no part in downloads, in what is sent, and in other servers", () => {
  expect(answerTo("/api/exports/e1/all.zip", "navigate")).toBeNull();
  expect(answerTo("/theme.js", "cors", "POST")).toBeNull();
  expect(answerTo("/theme.js", "cors", "GET", "http://other.local")).toBeNull();
});

test("a page is the server's while it answers, and the kept one when it is away", async () => {
  expect(await answerTo("/playback?at=x", "navigate")).toBe("fresh");
  serverAnswers = false;
  expect(await answerTo("/playback?at=x", "navigate")).toBe("kept /");
});

test("a server that says nothing is not waited for", async () => {
  vi.useFakeTimers();
  const self = {
    addEventListener: (name: string, handler: Handler) => name === "fetch" && (onFetch = handler),
    location: { origin },
  };
  const caches = { open: () => Promise.resolve({ match: () => Promise.resolve("kept /") }) };
  new Function("self", "caches", "fetch", "shell", code)(self, caches, () => new Promise(() => undefined), shell);
  const answer = answerTo("/live", "navigate");
  await vi.advanceTimersByTimeAsync(4000);
  vi.useRealTimers();
  expect(await answer).toBe("kept /");
});

test("files with a hash come from the cache, others from the server while it answers", async () => {
  expect(await answerTo("/assets/index-abc.js")).toBe("kept /assets/index-abc.js");
  expect(fetched).toEqual([]);
  expect(await answerTo("/theme.js")).toBe("fresh");
  serverAnswers = false;
  expect(await answerTo("/theme.js")).toBe("kept /theme.js");
});

test("what is pushed is shown, and the same id again takes its place", async () => {
  const message = { id: "e1", title: "Gate: Yard", text: "line.crossed, person", url: "/events" };
  await happens("push", { data: { json: () => message } });
  expect(shown).toEqual([
    {
      title: "Gate: Yard",
      options: {
        body: "line.crossed, person",
        tag: "e1",
        renotify: true,
        icon: "/icon-192.png",
        data: { url: "/events" },
      },
    },
  ]);
});

test("what is pushed is said in the words that the page left", async () => {
  kept.set("/push-words.json", {
    json: () =>
      Promise.resolve({
        test: "Dies ist ein Test.",
        beginnings: { "Not acknowledged: ": "Nicht quittiert: " },
        types: { "line.crossed": "Linie überquert" },
        classes: { person: "Person" },
        rules: { "Camera offline": "Kamera ausgefallen" },
      }),
  });
  const push = (message: object) => happens("push", { data: { json: () => message } });
  await push({ title: "Gate: Yard", text: "line.crossed, person, Tor", eventType: "line.crossed" });
  await push({ title: "Not acknowledged: Camera offline: Door", text: "camera.offline", eventType: "camera.offline" });
  await push({ title: "VMS", text: "This is a test.", eventType: "notification.test" });
  await push({ title: "Fence", text: "Look at line.crossed, person", eventType: "line.crossed" });
  expect(shown.map(({ title, options }) => [title, options["body"]])).toEqual([
    ["Gate: Yard", "Linie überquert, Person, Tor"],
    ["Nicht quittiert: Kamera ausgefallen: Door", "camera.offline"],
    ["VMS", "Dies ist ein Test."],
    ["Fence", "Look at line.crossed, person"],
  ]);
});

test("of a push that cannot be read something is shown, too: browsers ask for it", async () => {
  await happens("push", { data: null });
  const unreadable = () => {
    throw new SyntaxError("no JSON");
  };
  await happens("push", { data: { json: unreadable } });
  expect(shown.map((s) => s.title)).toEqual(["VMS", "VMS"]);
});

test("a click shows it in the window that is open, without loading it anew", async () => {
  const signIn = windowAt("/login?next=%2Flive");
  const live = windowAt("/live");
  await click("/events");
  expect([signIn, live]).toEqual([[], ["focus", { type: "open", url: "/events" }]]);
  expect(opened).toEqual(["closed"]);
});

test("a click opens a window where there is none, and leads nowhere but to our own pages", async () => {
  await click("/events");
  await click("https://evil.example/");
  await click("//evil.example/");
  await click(undefined);
  expect(opened.filter((o) => o !== "closed")).toEqual(["/events", "/", "/", "/"]);
});
