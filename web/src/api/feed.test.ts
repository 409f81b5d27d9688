import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { onFeed, pauseMs } from "./feed";

class Socket extends EventTarget {
  static made: Socket[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  closed = false;
  constructor(readonly url: URL) {
    super();
    Socket.made.push(this);
  }
  close() {
    this.closed = true;
  }
}

let tickets = 0;

beforeEach(() => {
  vi.useFakeTimers();
  Socket.made = [];
  tickets = 0;
  localStorage.setItem("vms.refreshToken", "r");
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("fetch", async (path: string | URL | Request) => {
    const isTicket = String(path).includes("/api/tickets");
    const body = isTicket ? { ticket: `t${++tickets}` } : { accessToken: "a", refreshToken: "r", expiresIn: 900 };
    return new Response(JSON.stringify(body), { status: 200, headers: { "content-type": "application/json" } });
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  localStorage.clear();
});

const settle = () => vi.advanceTimersByTimeAsync(100);

test("however many listen, there is one socket, and it closes with the last of them", async () => {
  const heard: unknown[] = [];
  const stops = [onFeed("job", (m) => heard.push(m)), onFeed("tree.changed", () => heard.push("tree"))];
  await settle();
  expect([tickets, Socket.made.length]).toEqual([1, 1]);
  expect(Socket.made[0]!.url.href).toMatch(/^ws:.*\/api\/ws\?ticket=t1$/);
  Socket.made[0]!.onmessage!({ data: JSON.stringify({ type: "job", job: { id: "1" } }) });
  Socket.made[0]!.onmessage!({ data: JSON.stringify({ type: "camera.state" }) });
  expect(heard).toEqual([{ type: "job", job: { id: "1" } }]);
  stops[0]!();
  expect(Socket.made[0]!.closed).toBe(false);
  stops[1]!();
  expect(Socket.made[0]!.closed).toBe(true);
});

test("a socket that breaks is opened again with another ticket, and says so", async () => {
  let opened = 0;
  const stop = onFeed("open", () => opened++);
  await settle();
  Socket.made[0]!.onopen!();
  Socket.made[0]!.onclose!();
  await vi.advanceTimersByTimeAsync(1_100);
  expect([tickets, Socket.made.length]).toEqual([2, 2]);
  Socket.made[1]!.onopen!();
  expect(opened).toBe(2);
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(Socket.made.length).toBe(2);
});

test("the feed is asked for again more and more seldom, at most every half minute", () => {
  expect([0, 1, 2, 10].map((failures) => pauseMs(failures, 1))).toEqual([1_000, 2_000, 4_000, 30_000]);
  expect(pauseMs(3, 0)).toBe(4_000);
});
