// Reads an MP4 file with mp4box.js as a browser's player would, a piece at a time, and prints what tracks and samples it found.
const fs = require("fs");
const { createFile, MP4BoxBuffer } = require("mp4box");

const pieceBytes = 100_000;
const file = createFile();
const tracks = new Map();
let isFragmented = false;
file.onError = (module, message) => { console.error(`${module}: ${message}`); process.exit(1); };
file.onReady = info => {
  isFragmented = info.isFragmented;
  for (const track of info.tracks) {
    tracks.set(track.id, { codec: track.codec, samples: 0, keyframes: 0, bytes: 0, ticks: 0, backwards: 0, lastDts: -1, timescale: track.timescale });
    file.setExtractionOptions(track.id, null, { nbSamples: 1 });
  }
  file.start();
};
file.onSamples = (id, _, samples) => {
  const track = tracks.get(id);
  for (const sample of samples) {
    track.samples++;
    track.bytes += sample.data.length;
    track.ticks += sample.duration;
    if (sample.is_sync) track.keyframes++;
    if (sample.dts <= track.lastDts) track.backwards++;
    track.lastDts = sample.dts;
  }
};
const bytes = fs.readFileSync(process.argv[2]);
for (let at = 0; at < bytes.length; at += pieceBytes) {
  const piece = bytes.subarray(at, at + pieceBytes);
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(piece.buffer.slice(piece.byteOffset, piece.byteOffset + piece.length), at));
}
file.flush();
// Behind what mp4box.js itself says on standard output: that it does not know the boxes of FLAC.
console.log(JSON.stringify({ isFragmented, tracks: [...tracks.values()] }));
