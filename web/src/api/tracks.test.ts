import { afterEach, expect, it, vi } from "vitest";
import type { FeedMessage } from "./feed";
import { maxWatched, watchTracks, type TracksMessage } from "./tracks";

const feed = vi.hoisted(() => ({
  said: [] as { cameraIds: string[] }[],
  listeners: new Map<string, (message: FeedMessage) => void>(),
}));
vi.mock("./feed", () => ({
  sayOnFeed: (message: FeedMessage & { cameraIds: string[] }) => feed.said.push(message),
  onFeed: (type: string, listener: (message: FeedMessage) => void) => {
    feed.listeners.set(type, listener);
    return () => feed.listeners.delete(type);
  },
}));

const settled = () => new Promise<void>((done) => queueMicrotask(done));
const watchedNow = () => feed.said.at(-1)?.cameraIds;
const found = (cameraId: string) =>
  feed.listeners.get("tracks")!({ type: "tracks", cameraId, stream: "main", at: 1, tracks: [] } as TracksMessage);

afterEach(() => {
  feed.said = [];
});

it("tells the server once what is watched when many tiles come in the same moment, and again when they go", async () => {
  const stops = ["a", "b", "c"].map((id) => watchTracks(id, () => undefined));
  await settled();
  expect(feed.said).toEqual([{ type: "tracks.watch", cameraIds: ["a", "b", "c"] }]);
  stops[1]!();
  await settled();
  expect(watchedNow()).toEqual(["a", "c"]);
  stops.forEach((stop) => stop());
  await settled();
  expect(watchedNow()).toEqual([]);
  expect(feed.listeners.size).toBe(0);
});

it("says it again on a new connection, which knows nothing of it", async () => {
  const stop = watchTracks("a", () => undefined);
  await settled();
  feed.said = [];
  feed.listeners.get("open")!({ type: "open" });
  expect(watchedNow()).toEqual(["a"]);
  stop();
  await settled();
});

it("hands what is found to those who watch the camera, until the last of them has gone", async () => {
  const [one, other, elsewhere] = [vi.fn(), vi.fn(), vi.fn()];
  const stops = [watchTracks("a", one), watchTracks("a", other), watchTracks("b", elsewhere)];
  await settled();
  found("a");
  expect([one, other, elsewhere].map((hear) => hear.mock.calls.length)).toEqual([1, 1, 0]);
  stops[0]!();
  await settled();
  expect(watchedNow()).toEqual(["a", "b"]);
  found("a");
  expect([one, other].map((hear) => hear.mock.calls.length)).toEqual([1, 2]);
  stops.forEach((stop) => stop());
  await settled();
});

it("asks for no more cameras than the server tells of", async () => {
  const stops = Array.from({ length: maxWatched + 6 }, (_, i) => watchTracks(`c${i}`, () => undefined));
  await settled();
  expect(watchedNow()).toHaveLength(maxWatched);
  stops.forEach((stop) => stop());
  await settled();
});
