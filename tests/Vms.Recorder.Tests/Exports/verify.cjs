// Runs the verifier of an export's own page over its files, untouched, altered and forged: node verify.cjs FOLDER
"use strict";
const fs = require("fs"), path = require("path"), vm = require("vm"), assert = require("assert"), crypto = require("crypto");
const folder = process.argv[2];
const page = fs.readFileSync(path.join(folder, "verify.html"), "utf8");
vm.runInThisContext(page.match(/<script id="verifier">([\s\S]*?)<\/script>/)[1]);

const files = new Map(fs.readdirSync(folder).map((name) => [name, fs.readFileSync(path.join(folder, name))]));
const movie = [...files.keys()].find((name) => name.endsWith(".mp4"));
const sourceOf = ([name, bytes]) => ({ name, size: bytes.length, read: async (o, n) => new Uint8Array(bytes.subarray(o, o + n)) });
const withChanges = (changed) => [...new Map([...files, ...Object.entries(changed)])].filter(([, bytes]) => bytes);
const verify = (changed = {}, keys = []) => VmsExport.verify(withChanges(changed).map(sourceOf), () => {}, keys.map((key) => sourceOf(["given.pub", key])));
const verifyZip = (changed = {}, loose = [], doubled = []) => VmsExport.verify([["export.zip", zip([...withChanges(changed), ...doubled])], ...loose].map(sourceOf));
const flipped = (bytes, at) => { const copy = Buffer.from(bytes); copy[at] ^= 1; return copy; };
const sha256 = (...parts) => crypto.createHash("sha256").update(Buffer.concat(parts)).digest();
const states = (report) => report.files[0].ranges.map((r) => r.state);
let seed = 20261129;
const random = (n) => { seed = (seed * 48271) % 2147483647; return seed % n; };

const manifest = files.get("manifest.json").toString(), { keyId, publicKey } = JSON.parse(manifest), key = Buffer.from(publicKey);
const bytes = files.get(movie), file = JSON.parse(manifest).cameras[0].files[0];

// As the recorder's: stored, a directory at the end.
function zip(entries) {
  const parts = [], directory = [];
  let at = 0;
  for (const [name, content] of entries) {
    const path = Buffer.from(name), local = Buffer.alloc(30), entry = Buffer.alloc(46);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(path.length, 26);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt32LE(content.length, 20);
    entry.writeUInt32LE(content.length, 24);
    entry.writeUInt16LE(path.length, 28);
    entry.writeUInt32LE(at, 42);
    directory.push(entry, path);
    parts.push(local, path, content);
    at += 30 + path.length + content.length;
  }
  const end = Buffer.alloc(22), length = Buffer.concat(directory).length;
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

// ---- a forger's tools

function crc32c(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

const initEnd = (() => {
  let at = file.parts[0].offset;
  while (bytes.toString("latin1", at + 4, at + 8) !== "uuid") at += bytes.readUInt32BE(at);
  return at;
})();
const initDigest = sha256(bytes.subarray(file.parts[0].offset, initEnd));
// Of the first part: copies of its fragments, each changed as one likes.
function fragments() {
  const found = [];
  for (let at = initEnd; at < file.parts[0].offset + file.parts[0].bytes; at += bytes.readUInt32BE(at + 92)) found.push(Buffer.from(bytes.subarray(at, at + bytes.readUInt32BE(at + 92))));
  return found;
}
const boxBytes = (f) => f.readUInt32BE(0);
const previousOf = (f) => f.subarray(boxBytes(f) - 140, boxBytes(f) - 108), chainOf = (f) => f.subarray(boxBytes(f) - 108, boxBytes(f) - 76);
const seal = (f) => f.writeUInt32BE(crc32c(f.subarray(0, boxBytes(f) - 4)), boxBytes(f) - 4);
const assembled = (all) => Buffer.concat([bytes.subarray(0, initEnd), ...all, bytes.subarray(initEnd + all.reduce((n, f) => n + f.length, 0))]);

// Another picture, with digest and chain made anew: whoever has no key can do as much.
function forge(f, previous) {
  const content = f.subarray(boxBytes(f)), moof = content.subarray(8, content.readUInt32BE(0)), mdat = content.subarray(moof.length + 8);
  mdat[40] ^= 1;
  const hashes = [];
  for (let at = 8, trun = moof.indexOf("trun"); trun >= 0; trun = moof.indexOf("trun", trun + 4)) {
    const entry = (moof.readUInt32BE(trun + 4) & 0xffffff) === 0x0f01 ? 16 : 12;
    for (let i = 0, first = trun + 16; i < moof.readUInt32BE(trun + 8); i++) {
      const size = moof.readUInt32BE(first + i * entry + 4);
      hashes.push(sha256(mdat.subarray(at, at + size)));
      at += size;
    }
  }
  const digest = sha256(Buffer.of(2), initDigest, f.subarray(32, 84), f.subarray(88, 92), sha256(moof), sha256(Buffer.of(1), ...hashes));
  previous.copy(f, boxBytes(f) - 140);
  sha256(Buffer.of(3), previous, digest).copy(f, boxBytes(f) - 108);
  seal(f);
}

// The fragment claims to follow another, and keeps its chain and whatever signed that.
function relink(f, previous) {
  previous.copy(f, boxBytes(f) - 140);
  seal(f);
}

// As recordings were before there were hashes, of the same length.
function unhash(f) {
  const box = boxBytes(f) - 136, old = Buffer.alloc(f.length);
  f.copy(old, 0, 0, box);
  f.copy(old, box, boxBytes(f));
  old.writeUInt32BE(box, 0);
  old[24] = 1;
  old.writeUInt32BE(crc32c(old.subarray(0, box - 4)), box - 4);
  return old;
}

const pem = (key) => key.export({ type: "spki", format: "pem" });
const idOf = (key) => sha256(key.export({ type: "spki", format: "der" })).toString("hex").slice(0, 16);
const mine = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
const sign = (text) => crypto.sign("sha256", text, { key: mine.privateKey, dsaEncoding: "ieee-p1363" });

function signHead(f) {
  f[25] |= 2;
  Buffer.from(idOf(mine.publicKey), "hex").copy(f, boxBytes(f) - 76);
  sign(Buffer.concat([Buffer.of(4), chainOf(f)])).copy(f, boxBytes(f) - 68);
  seal(f);
}

// manifest.json and manifest.sig with what change() made of it, signed with the forger's own key.
function signedByMe(change) {
  const changed = JSON.parse(manifest);
  changed.publicKey = pem(mine.publicKey) + publicKey;
  changed.keyId = idOf(mine.publicKey);
  change(changed, changed.cameras[0].files[0]);
  const json = Buffer.from(JSON.stringify(changed)), header = Buffer.from(JSON.stringify({ alg: "ES256", kid: idOf(mine.publicKey) })).toString("base64url");
  return { "manifest.json": json, "manifest.sig": Buffer.from(`${header}..${sign(Buffer.from(`${header}.${json.toString("base64url")}`)).toString("base64url")}\n`) };
}

(async () => {
  // The key in the export proves the export to itself only; a key from elsewhere proves it to others.
  const alone = await verify();
  assert.deepEqual([alone.verdict, alone.key, alone.keyId], ["open", "inside", keyId], JSON.stringify(alone.files));
  const good = await verify({}, [key]);
  assert.deepEqual([good.verdict, good.key, good.keyId, states(good)], ["good", "given", keyId, ["good"]]);

  const seconds = (good.files[0].ranges[0].toUs - good.files[0].ranges[0].fromUs) / 1e6;
  for (let i = 0; i < 60; i++) {
    const at = random(bytes.length);
    const report = await verify({ [movie]: flipped(bytes, at) }, [key]);
    assert.equal(report.verdict, "altered", `a flipped byte at ${at} was not found`);
    const lost = report.files[0].ranges.filter((r) => r.state === "altered").reduce((n, r) => n + (r.toUs - r.fromUs) / 1e6, 0);
    // Codec parameters concern all of their part.
    const isInit = file.parts.some((part) => at >= part.offset && at < part.offset + 4096);
    assert.ok(isInit || (lost <= 2.1 && lost < seconds), `a flipped byte at ${at} costs ${lost} s`);
  }
  // The middle of the media is a picture: its second is named, and the others are not called changed. Those behind it are good; those in front were vouched for through it.
  const middle = await verify({ [movie]: flipped(bytes, bytes.lastIndexOf("mdat", file.mediaOffset + file.mediaBytes / 2) + 40) }, [key]);
  assert.deepEqual(states(middle).slice(-2), ["altered", "good"]);
  assert.equal(states(middle).filter((s) => s === "altered").length, 1);

  assert.equal((await verify({ [movie]: bytes.subarray(0, bytes.length - 1) })).verdict, "altered");
  assert.equal((await verify({ [movie]: bytes.subarray(0, bytes.length >> 1) })).verdict, "altered");
  assert.equal((await verify({ [movie]: Buffer.concat([bytes, Buffer.alloc(8)]) })).verdict, "altered");
  assert.equal((await verify({ [movie]: null })).verdict, "altered");
  assert.equal((await verify({ "verify.html": Buffer.from(page + " ") })).verdict, "altered");

  for (const changed of [manifest.replace("anna", "emma"), manifest.replace("case 17", "case 18")]) {
    const report = await verify({ "manifest.json": Buffer.from(changed) });
    assert.deepEqual([report.verdict, report.signature, report.keyId], ["altered", "bad", ""]);
  }

  // A forger makes every hash of the altered file anew, and cannot sign the list.
  const forged = flipped(bytes, file.mediaOffset + (file.mediaBytes >> 1));
  const report = await verify({ [movie]: forged, "manifest.json": Buffer.from(manifest.replace(file.sha256, sha256(forged).toString("hex"))) });
  assert.deepEqual([report.verdict, report.signature], ["altered", "bad"]);

  // He signs it with a key of his own: the number that is shown is that key's, and never the installation's.
  const his = await verify(signedByMe(() => {}));
  assert.deepEqual([his.verdict, his.key, his.keyId], ["open", "inside", idOf(mine.publicKey)]);
  const borrowed = await verify(signedByMe((m) => { m.keyId = keyId; }));
  assert.deepEqual([borrowed.verdict, borrowed.signature, borrowed.keyId], ["altered", "otherNumber", ""]);

  // A key that lies in the export is nobody's word for it, whether packed or not; one beside the ZIP is.
  const hisKey = Buffer.from(pem(mine.publicKey) + publicKey), his2 = { ...signedByMe(() => {}), "integrity.pub": hisKey };
  const packed = await verifyZip(his2);
  assert.deepEqual([packed.verdict, packed.key, packed.extra], ["altered", "inside", ["integrity.pub"]]);
  const unpacked = await verify(his2);
  assert.deepEqual([unpacked.verdict, unpacked.key, unpacked.extra], ["altered", "inside", ["integrity.pub"]]);
  const beside = await verifyZip({}, [["integrity.pub", key]]);
  assert.deepEqual([beside.verdict, beside.key, beside.extra], ["good", "given", []]);
  assert.deepEqual([(await verifyZip()).verdict, (await verifyZip()).key], ["open", "inside"]);
  const other = await verify({}, [Buffer.from(pem(mine.publicKey))]);
  assert.deepEqual([other.verdict, other.key, other.keyId], ["altered", "other", ""]);
  await assert.rejects(verify({}, [Buffer.from("no key")]), /holds no public key/);

  // Seconds of the forger's own making, and the next fragment claims to follow them: the signature behind it is still good, and says nothing of them.
  const all = fragments();
  forge(all[2], previousOf(all[2]));
  forge(all[3], chainOf(all[2]));
  relink(all[4], chainOf(all[3]));
  const replaced = (await verify({ [movie]: assembled(all) }, [key])).files[0].ranges;
  assert.deepEqual(replaced.map((r) => r.state), ["open", "altered", "good"]);
  assert.equal(replaced[0].toUs, replaced[1].fromUs);
  signHead(all[4]);
  const signed = (await verify({ [movie]: assembled(all) }, [key, Buffer.from(pem(mine.publicKey))])).files[0].ranges;
  assert.deepEqual(signed.map((r) => r.state), ["open", "altered", "good"]);
  const ending = fragments();
  forge(ending.at(-2), previousOf(ending.at(-2)));
  relink(ending.at(-1), chainOf(ending.at(-2)));
  if (file.parts.length === 1) assert.deepEqual(states(await verify({ [movie]: assembled(ending) }, [key])), ["open", "altered"]);

  // Fragments without hashes are vouched for by no signature behind them.
  const old = assembled(fragments().map((f, i) => (i < 3 ? unhash(f) : f)));
  assert.deepEqual(states(await verify({ [movie]: old }, [key])).slice(0, 1), ["altered"]);
  const allOld = assembled(fragments().map(unhash)), both = [key, Buffer.from(pem(mine.publicKey))];
  const unhashed = (m, f, sha = sha256(allOld).toString("hex")) => Object.assign(f, { sha256: sha, chain: "", previous: "" });
  if (file.parts.length === 1) {
    const former = await verify({ ...signedByMe(unhashed), [movie]: allOld }, both);
    assert.deepEqual([former.verdict, states(former)], ["open", ["open"]]);
    const changed = await verify({ ...signedByMe((m, f) => unhashed(m, f, file.sha256)), [movie]: allOld }, both);
    assert.deepEqual([changed.verdict, states(changed)], ["altered", ["altered"]]);
  }

  // What is not in the list does not belong to it, wherever it stands and whatever it is called; of two files of one name nobody knows which is meant.
  for (const name of ["other.mp4", "other.MP4", "readme.txt", `sub/${movie}`]) {
    const more = await verifyZip({ [name]: bytes });
    assert.deepEqual([more.verdict, more.extra], ["altered", [name]]);
  }
  for (const name of [movie, movie.toUpperCase(), "MANIFEST.json"]) await assert.rejects(verifyZip({}, [], [[name, forged]]), /twice/);
  await assert.rejects(verifyZip({}, [[movie, forged]]), /twice/);
  const renamed = zip([...files]);
  renamed.write("X", renamed.indexOf(movie));
  await assert.rejects(VmsExport.verify([sourceOf(["export.zip", renamed])]), /called otherwise/);
  await assert.rejects(verify({ "manifest.json": null }), /manifest.json/);
  await assert.rejects(verifyZip({ "manifest.json": null, "sub/manifest.json": files.get("manifest.json") }), /manifest.json/);
  console.log("ok");
})().catch((error) => { console.log(error.stack); process.exit(1); });
