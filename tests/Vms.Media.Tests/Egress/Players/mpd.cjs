// Reads a static MPD with mpd-parser (the one of video.js) and prints what it made of it; complaints go to standard error, exit code 1.
const fs = require("fs");
const { parse } = require("mpd-parser");

const complaints = [];
const manifest = parse(fs.readFileSync(process.argv[2], "utf8"), {
  manifestUri: process.argv[3],
  eventHandler: ({ type, message }) => complaints.push(`${type}: ${message}`),
});
const segments = manifest.playlists.flatMap(p => p.segments);
segments.sort((a, b) => a.presentationTime - b.presentationTime);
console.log(JSON.stringify({
  duration: manifest.duration,
  segments: segments.map(s => ({ presentationTime: s.presentationTime, duration: s.duration, init: s.map.resolvedUri, media: s.resolvedUri })),
  audio: Object.keys(manifest.mediaGroups.AUDIO.audio ?? {}).length,
}));
if (complaints.length) { console.error(complaints.join("\n")); process.exit(1); }
