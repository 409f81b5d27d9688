import { readFileSync } from "node:fs";
import { beforeEach, expect, test, vi } from "vitest";

const code = readFileSync("offline/worker.js", "utf8");
const origin = "http://vms.local";
const shell = { version: "2", files: ["/", "/theme.js", "/assets/index-abc.js"] };

type Handler = (event: { request: object; respondWith: (answer: Promise<unknown>) => void }) => void;

let fetched: string[];
let serverAnswers: boolean;
const kept = new Map<string, string>();
let onFetch: Handler;

beforeEach(() => {
  fetched = [];
  serverAnswers = true;
  kept.clear();
  for (const file of shell.files) kept.set(file, `kept ${file}`);
  const handlers: Record<string, Handler> = {};
  const self = {
    addEventListener: (name: string, handler: Handler) => (handlers[name] = handler),
    location: { origin },
  };
  const caches = { open: () => Promise.resolve({ match: (path: string) => Promise.resolve(kept.get(path)) }) };
  const fetch = ({ url }: { url: string }) => {
    fetched.push(url.slice(origin.length));
    return serverAnswers ? Promise.resolve("fresh") : Promise.reject(new TypeError("Failed to fetch"));
  };
  new Function("self", "caches", "fetch", "shell", code)(self, caches, fetch, shell);
  onFetch = handlers["fetch"]!;
});

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
  const self = { addEventListener: (_: string, handler: Handler) => (onFetch = handler), location: { origin } };
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
