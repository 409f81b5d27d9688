// Runs the verifier of an export's own page over converted files, untouched and altered: node verify-converted.cjs FOLDER
"use strict";
const fs = require("fs"), path = require("path"), vm = require("vm"), assert = require("assert");
const folder = process.argv[2];
const page = fs.readFileSync(path.join(folder, "verify.html"), "utf8");
vm.runInThisContext(page.match(/<script id="verifier">([\s\S]*?)<\/script>/)[1]);

const files = new Map(fs.readdirSync(folder).map((name) => [name, fs.readFileSync(path.join(folder, name))]));
const manifest = JSON.parse(files.get("manifest.json")), file = manifest.cameras[0].files[0], bytes = files.get(file.name), key = Buffer.from(manifest.publicKey);
const sourceOf = ([name, content]) => ({ name, size: content.length, read: async (o, n) => new Uint8Array(content.subarray(o, o + n)) });
const verify = (changed = {}, keys = []) => VmsExport.verify([...new Map([...files, ...Object.entries(changed)])].filter(([, b]) => b).map(sourceOf), () => {}, keys.map((k) => sourceOf(["given.pub", k])));
const flipped = (content, at) => { const copy = Buffer.from(content); copy[at] ^= 1; return copy; };

(async () => {
  // Never good: that it is what was recorded is more than its hash can say.
  const report = await verify({}, [key]);
  assert.deepEqual([report.verdict, report.key, report.files[0].state, report.files[0].hashGood, report.files[0].ranges], ["open", "given", "open", true, []]);
  assert.equal((await verify()).verdict, "open");
  for (const at of [0, 100, bytes.length >> 1, bytes.length - 1]) {
    const altered = await verify({ [file.name]: flipped(bytes, at) }, [key]);
    assert.deepEqual([altered.verdict, altered.files[0].state, altered.files[0].ranges], ["altered", "altered", []]);
  }
  assert.equal((await verify({ [file.name]: Buffer.concat([bytes, Buffer.alloc(1)]) }, [key])).verdict, "altered");
  assert.equal((await verify({ [file.name]: null }, [key])).verdict, "altered");
  // What says of itself that it was not converted must bring its proof.
  const claimed = Buffer.from(files.get("manifest.json").toString().replace(/"conversion": \{[^}]*\}/, '"conversion": null'));
  assert.notEqual(claimed.toString(), files.get("manifest.json").toString());
  assert.equal((await verify({ "manifest.json": claimed }, [key])).verdict, "altered");
  console.log("ok");
})().catch((error) => { console.log(error.stack); process.exit(1); });
