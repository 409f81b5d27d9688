// Runs the verifier of an export's own page over its files, untouched and altered: node verify.cjs FOLDER
"use strict";
const fs = require("fs"), path = require("path"), vm = require("vm"), assert = require("assert"), crypto = require("crypto");
const folder = process.argv[2];
const page = fs.readFileSync(path.join(folder, "verify.html"), "utf8");
vm.runInThisContext(page.match(/<script id="verifier">([\s\S]*?)<\/script>/)[1]);

const files = new Map(fs.readdirSync(folder).map((name) => [name, fs.readFileSync(path.join(folder, name))]));
const movie = [...files.keys()].find((name) => name.endsWith(".mp4"));
const verify = (changed = {}, more = {}) => VmsExport.verify([...new Map([...files, ...Object.entries(changed), ...Object.entries(more)])]
  .filter(([, bytes]) => bytes).map(([name, bytes]) => ({ name, size: bytes.length, read: async (o, n) => new Uint8Array(bytes.subarray(o, o + n)) })));
const flipped = (bytes, at) => { const copy = Buffer.from(bytes); copy[at] ^= 1; return copy; };
let seed = 20261129;
const random = (n) => { seed = (seed * 48271) % 2147483647; return seed % n; };

(async () => {
  const good = await verify();
  assert.equal(good.verdict, "good", JSON.stringify(good.files));
  assert.equal(good.key, "inside");
  assert.deepEqual(good.files[0].ranges.map((r) => r.state), ["good"]);

  const bytes = files.get(movie), { file } = good.files[0];
  const seconds = (good.files[0].ranges[0].toUs - good.files[0].ranges[0].fromUs) / 1e6;
  for (let i = 0; i < 60; i++) {
    const at = random(bytes.length);
    const report = await verify({ [movie]: flipped(bytes, at) });
    assert.equal(report.verdict, "altered", `a flipped byte at ${at} was not found`);
    const lost = report.files[0].ranges.filter((r) => r.state === "altered").reduce((n, r) => n + (r.toUs - r.fromUs) / 1e6, 0);
    // Codec parameters concern all of their part.
    const isInit = file.parts.some((part) => at >= part.offset && at < part.offset + 4096);
    assert.ok(isInit || (lost <= 2.1 && lost < seconds), `a flipped byte at ${at} costs ${lost} s`);
  }
  // The middle of the media is a picture: its second is named, and the others stay good.
  const middle = await verify({ [movie]: flipped(bytes, bytes.lastIndexOf("mdat", file.mediaOffset + file.mediaBytes / 2) + 40) });
  assert.deepEqual(middle.files[0].ranges.map((r) => r.state), ["good", "altered", "good"]);

  assert.equal((await verify({ [movie]: bytes.subarray(0, bytes.length - 1) })).verdict, "altered");
  assert.equal((await verify({ [movie]: bytes.subarray(0, bytes.length >> 1) })).verdict, "altered");
  assert.equal((await verify({ [movie]: Buffer.concat([bytes, Buffer.alloc(8)]) })).verdict, "altered");
  assert.equal((await verify({ [movie]: null })).verdict, "altered");
  assert.equal((await verify({}, { "other.mp4": bytes })).verdict, "altered");
  assert.equal((await verify({ "verify.html": Buffer.from(page + " ") })).verdict, "altered");

  const manifest = files.get("manifest.json").toString();
  for (const changed of [manifest.replace("anna", "emma"), manifest.replace("case 17", "case 18")]) {
    const report = await verify({ "manifest.json": Buffer.from(changed) });
    assert.deepEqual([report.verdict, report.signature], ["altered", "bad"]);
  }

  // A forger makes every hash of the altered file anew, and cannot sign the list.
  const forged = flipped(bytes, file.mediaOffset + (file.mediaBytes >> 1));
  const report = await verify({ [movie]: forged, "manifest.json": Buffer.from(manifest.replace(file.sha256, crypto.createHash("sha256").update(forged).digest("hex"))) });
  assert.deepEqual([report.verdict, report.signature], ["altered", "bad"]);

  const pem = (key) => Buffer.from(key.export({ type: "spki", format: "pem" }));
  const other = await verify({}, { "integrity.pub": pem(crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey) });
  assert.deepEqual([other.verdict, other.key], ["altered", "other"]);
  const own = await verify({}, { "integrity.pub": Buffer.from(JSON.parse(manifest).publicKey) });
  assert.deepEqual([own.verdict, own.key], ["good", "given"]);
  await assert.rejects(verify({ "manifest.json": null }), /manifest.json/);
  console.log("ok");
})().catch((error) => { console.log(error.stack); process.exit(1); });
