// Reads a live media playlist with two parsers of others and prints what they agree on; complaints go to standard error, exit code 1.
const fs = require("fs");
const HLS = require("hls-parser");
const m3u8 = require("m3u8-parser");

const text = fs.readFileSync(process.argv[2], "utf8");
const complaints = [];
HLS.setOptions({ strictMode: true });
const playlist = HLS.parse(text);
const other = new m3u8.Parser();
other.on("warn", warning => complaints.push(warning.message));
other.push(text);
other.end();
const manifest = other.manifest;

const parts = playlist.segments.flatMap(s => s.parts).filter(p => !p.hint);
const finished = playlist.segments.filter(s => s.uri);
for (const s of finished) {
  if (Math.round(s.duration) > playlist.targetDuration) complaints.push(`segment ${s.uri} is longer than the target`);
  if (!s.programDateTime) complaints.push(`segment ${s.uri} has no time`);
}
for (const p of parts) if (p.duration > playlist.partTargetDuration + 1e-4) complaints.push(`part ${p.uri} is longer than the target`);
if (manifest.segments.length !== finished.length) complaints.push(`${manifest.segments.length} segments against ${finished.length}`);
const listed = [...manifest.segments, manifest.preloadSegment ?? {}].flatMap(s => s.parts ?? []);
if (listed.length !== parts.length) complaints.push(`${listed.length} parts against ${parts.length}`);

console.log(JSON.stringify({
  mediaSequence: playlist.mediaSequenceBase, targetDuration: playlist.targetDuration, partTarget: playlist.partTargetDuration,
  segments: finished.length, parts: parts.length, independent: parts.filter(p => p.independent).length,
  discontinuities: playlist.segments.filter(s => s.discontinuity).length, maps: new Set(playlist.segments.map(s => s.map?.uri).filter(Boolean)).size,
  canBlockReload: playlist.lowLatencyCompatibility?.canBlockReload ?? false, skip: playlist.skip,
}));
if (complaints.length) { console.error(complaints.join("\n")); process.exit(1); }
