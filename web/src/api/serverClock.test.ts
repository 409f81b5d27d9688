import { expect, test } from "vitest";
import { noteServerTime, serverNow } from "./serverClock";

test("the server's time is that of the answer that was fastest on its way", () => {
  expect(serverNow()).toBeNull();
  const server = Date.parse("2026-01-01T00:00:00.000Z");
  const now = performance.now();
  noteServerTime(new Date(server).toISOString(), now - 10, now);
  noteServerTime(new Date(server + 900).toISOString(), now - 2000, now);
  noteServerTime("nonsense", now, now);
  expect(Math.abs(serverNow()! - (server + 5 + performance.now() - now))).toBeLessThan(2);

  // The server's clock was set an hour ahead.
  noteServerTime(new Date(server + 3_600_000).toISOString(), now - 40, now);
  expect(Math.abs(serverNow()! - (server + 3_600_020 + performance.now() - now))).toBeLessThan(2);
});
