// What a program does with the packed client and the whole product: adds a camera, waits until it records, and takes picture, live and footage.
import assert from "node:assert/strict";
import { Vms } from "vms-client";

const { VMS_URL, VMS_PASSWORD, CAMERA_URL } = process.env;
const vms = new Vms(VMS_URL);
await vms.signIn("admin", VMS_PASSWORD);
const camera = await vms.post("/api/cameras", {
  body: { name: "Integrated", mainUrl: CAMERA_URL, transport: "tcp", recording: { mode: "continuous", segmentSeconds: 10 } },
});

const end = new AbortController();
for await (const message of vms.feed(end.signal))
  if (message.type === "camera.state" && message.cameraId === camera.id && message.state === "online" && message.recording.state === "recording") break;
end.abort();
const from = new Date().toISOString();

const live = await vms.post("/api/cameras/{id}/live", { path: { id: camera.id } });
const playlist = await fetch(new URL(live.hlsUrl, VMS_URL));
assert.match(await playlist.text(), /^#EXTM3U/);

// As soon as three seconds of it are on the disk.
let footage = [];
while (footage.reduce((sum, one) => sum + Date.parse(one.to) - Date.parse(one.from), 0) < 3000) {
  const to = new Date().toISOString();
  footage = (await vms.get("/api/cameras/{id}/timeline", { path: { id: camera.id }, query: { from, to } })).recordings;
  await new Promise((done) => setTimeout(done, 250));
}
const { from: begins, to: ends } = footage[0];
const clip = await vms.fetch("get", "/api/cameras/{id}/clip.mp4", { path: { id: camera.id }, query: { from: begins, to: ends } });
assert.equal(Buffer.from(await clip.arrayBuffer()).toString("latin1", 4, 8), "ftyp");

const { ticket } = await vms.post("/api/tickets", { body: { kind: "snapshot", cameraIds: [camera.id] } });
const picture = await fetch(`${VMS_URL}/api/cameras/${camera.id}/snapshot.jpg?ticket=${ticket}`);
assert.deepEqual([...new Uint8Array(await picture.arrayBuffer()).subarray(0, 2)], [0xff, 0xd8]);
await vms.signOut();
console.log(`typescript: done with ${camera.id}`);
