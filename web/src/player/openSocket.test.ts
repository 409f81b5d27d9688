import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openFirst } from "./openSocket";

/** Does what the address says, so that a test reads like the network it stands for. */
class Socket {
  static made: Socket[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  constructor(readonly url: string) {
    if (url.includes("forbidden")) throw new DOMException("port");
    Socket.made.push(this);
    const after = Number(/after=(\d+)/.exec(url)?.[1] ?? 1);
    setTimeout(() => {
      if (this.closed || url.includes("silent")) return;
      if (url.includes("policy")) this.onerror?.();
      else if (url.includes("refused") && performance.now() < Number(/until=(\d+)/.exec(url)?.[1] ?? Infinity)) {
        this.onerror?.();
        this.onclose?.();
      } else this.onopen?.();
    }, after);
  }
  close() {
    this.closed = true;
  }
}

const race = (...urls: string[]) =>
  new Promise<string>((resolve) =>
    openFirst(
      urls,
      (socket) => resolve(`${socket.url} ${performance.now()}`),
      () => resolve(`failed ${performance.now()}`),
    ),
  );

describe("the race of a stream's addresses", () => {
  beforeEach(() => {
    Socket.made = [];
    vi.useFakeTimers({ now: 0, toFake: ["setTimeout", "clearTimeout", "performance"] });
    vi.stubGlobal("WebSocket", Socket);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const settle = async (result: Promise<string>) => {
    await vi.advanceTimersByTimeAsync(5000);
    return result;
  };

  it("takes the first address when it answers, and asks no other", async () => {
    expect(await settle(race("good after=200", "other"))).toBe("good after=200 200");
    expect(Socket.made).toHaveLength(1);
  });

  it("goes on at once when an address is refused, by the network, by the page's policy or by the browser", async () => {
    expect(await settle(race("refused", "policy", "forbidden", "good"))).toBe("good 3");
  });

  it("is held up by a swallowing firewall for a quarter of a second, and closes that attempt", async () => {
    expect(await settle(race("silent", "good"))).toBe("good 251");
    expect(Socket.made.find((s) => s.url === "silent")?.closed).toBe(true);
  });

  it("comes back to an address whose server restarts while another is silent", async () => {
    expect(await settle(race("refused until=700", "silent"))).toMatch(/^refused until=700 (7|8|9)\d\d$/);
  });

  it("fails at once when all are refused, and after its patience when one stays silent", async () => {
    expect(await settle(race("refused", "refused"))).toBe("failed 2");
    expect(await settle(race("silent"))).toMatch(/^failed/);
    expect(Socket.made.every((s) => s.closed || s.url !== "silent")).toBe(true);
  });

  it("asks a refused address only in its turn, not without a pause", async () => {
    await settle(race("refused", "silent"));
    expect(Socket.made.filter((s) => s.url === "refused").length).toBeLessThanOrEqual(4);
  });
});
