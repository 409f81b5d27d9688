// What a program does with the TypeScript client, against a running control plane. Ends with an error where something is not as it should be.
import assert from "node:assert/strict";
import { Vms, VmsProblem, type FeedMessage, type Tokens } from "vms-client";

const { VMS_URL = "", VMS_PASSWORD = "" } = process.env;

async function refused(what: Promise<unknown>, status: number, code: string): Promise<VmsProblem> {
  const problem = await what.then(
    () => assert.fail(`not refused: ${code}`),
    (e: unknown) => e,
  );
  assert(problem instanceof VmsProblem, String(problem));
  assert.deepEqual([problem.status, problem.code], [status, code]);
  return problem;
}

let kept: Tokens | null = null;
const vms = new Vms(`${VMS_URL}/`, { onTokens: (tokens) => (kept = tokens) });

await refused(vms.get("/api/cameras"), 401, "unauthenticated");
await refused(vms.signIn("admin", "wrong"), 401, "badCredentials");
await vms.signIn("admin", VMS_PASSWORD);
assert.equal((await vms.get("/api/auth/me")).username, "admin");

// Creates, answered once.
const idempotencyKey = "from typescript".replace(" ", "-");
const body = { name: "TypeScript 0", mainUrl: "rtsp://10.0.0.7/main" };
const camera = await vms.post("/api/cameras", { body, idempotencyKey });
assert.equal((await vms.post("/api/cameras", { body, idempotencyKey })).id, camera.id);
for (let i = 1; i < 5; i++) await vms.post("/api/cameras", { body: { ...body, name: `TypeScript ${i}` } });

// Wrong input is told field by field.
const wrong = await refused(vms.post("/api/cameras", { body: { mainUrl: "ftp://x" } }), 400, "invalidInput");
assert.deepEqual(wrong.fields.map((one) => one.field).sort(), ["mainUrl", "name"]);

// Pages of two.
const names: string[] = [];
for await (const one of vms.each("/api/cameras", { query: { limit: 2 } })) if (one.name.startsWith("TypeScript")) names.push(one.name);
assert.deepEqual(names, [0, 1, 2, 3, 4].map((i) => `TypeScript ${i}`));

// Lists of values in a query, times, and a path with characters that have to be quoted.
const bookmark = await vms.post("/api/bookmarks", { body: { cameraId: camera.id, at: "2026-11-21T08:00:00Z", title: "A ü" } });
const found = await vms.get("/api/bookmarks", { query: { cameraId: [camera.id, "other"], from: "2026-11-21T07:00:00Z", to: "2026-11-21T09:00:00+00:00" } });
assert.deepEqual(found.items.map((one) => one.id), [bookmark.id]);
await refused(vms.get("/api/cameras/{id}", { path: { id: "a/b?c" } }), 404, "cameraNotFound");

// Merge patch with the version that was read.
const read = await vms.fetch("get", "/api/cameras/{id}", { path: { id: camera.id } });
const etag = read.headers.get("etag")!;
await read.body?.cancel();
const patched = await vms.patch("/api/cameras/{id}", { path: { id: camera.id }, body: { enabled: false, subUrl: null }, ifMatch: etag });
assert.equal(patched.enabled, false);
await refused(vms.patch("/api/cameras/{id}", { path: { id: camera.id }, body: { enabled: true }, ifMatch: etag }), 412, "changedMeanwhile");
await refused(vms.post("/api/cameras/{id}/live", { path: { id: camera.id } }), 409, "cameraDisabled");
assert((await refused(vms.get("/api/cameras/{id}/timeline", { path: { id: camera.id } }), 503, "planeUnavailable")).retryAfter! > 0);

// An access token that is over is renewed once, however many find it over; a second use of the refresh token would end the sign-in.
const before = vms.tokens!;
const stale = new Vms(VMS_URL, { tokens: { ...before, accessToken: before.accessToken.slice(0, -8) + "AAAAAAAA" } });
const answers = await Promise.all(Array.from({ length: 12 }, () => stale.get("/api/auth/me")));
assert.equal(answers.length, 12);
assert.notEqual(stale.tokens!.refreshToken, before.refreshToken);

// The feed tells the state of every camera, then what changes.
const end = new AbortController();
const seen: FeedMessage[] = [];
for await (const message of stale.feed(end.signal)) {
  seen.push(message);
  if (message.type === "camera.removed") break;
  if (seen.filter((one) => one.type === "camera.state").length === 5) await stale.delete("/api/cameras/{id}", { path: { id: camera.id } });
}
assert(seen.some((one) => one.type === "camera.state" && one.cameraId === camera.id));

await stale.signOut();
assert.equal(stale.tokens, null);
await refused(stale.get("/api/auth/me"), 401, "unauthenticated");
assert.notEqual(kept, null);

// What the compiler does not let pass. None of it is run.
export function refusedByTheCompiler(): void {
  // @ts-expect-error there is no such path
  void vms.get("/api/camera");
  // @ts-expect-error the id is missing
  void vms.get("/api/cameras/{id}");
  // @ts-expect-error a name is text
  void vms.post("/api/cameras", { body: { name: 7 } });
  // @ts-expect-error a list is not created with an idempotency key
  void vms.get("/api/cameras", { idempotencyKey: "x" });
  // @ts-expect-error a camera has no such field
  void vms.get("/api/cameras/{id}", { path: { id: "x" } }).then((one) => one.colour);
}
console.log("typescript: done");
