const words: Record<string, string> = {
  cameraOffline: "Camera did not send video",
  mediaRestart: "Media service restarted",
  packetLoss: "Network lost packets",
  clockStep: "Camera clock jumped",
  parametersChanged: "Camera changed its format",
  recorderOverrun: "Recorder could not keep up",
  recorderDown: "Recorder was not running",
  diskFull: "Disk was full",
  disabled: "Recording was switched off",
  unaccounted: "Missing, and nothing says why",
  damaged: "The recording is damaged",
  schedule: "Not recorded at this time, says the schedule",
  noTrigger: "Recorded only when something happens",
};

/** Nobody wanted it recorded: nothing is lost. */
export const isIntended = (cause: string) => cause === "disabled" || cause === "schedule" || cause === "noTrigger";

/** Why nothing is recorded here, for people. A cause that this client is too old to know is said in its own words: "storageMoved" → "Storage moved". */
export function gapWords(cause: string): string {
  const known = words[cause];
  if (known) return known;
  if (cause === "" || cause === "none") return "Nothing recorded, cause unknown";
  const plain = cause
    .replace(/[._-]+/g, " ")
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .trim();
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

const events: Record<string, string> = {
  "camera.offline": "Camera went offline",
  "retention.broken": "Deleted before its minimum: the disk had no other room",
  "retention.clockAhead": "The server's clock has jumped ahead: nothing is deleted by age for a day",
  motion: "Motion",
  "recording.manual": "Recording started by hand",
  "recording.manual.ended": "Recording by hand ended",
  "object.person": "Person",
  "object.vehicle": "Vehicle",
  "line.crossed": "Line crossed",
  "zone.entered": "Zone entered",
  "zone.loitering": "Loitering",
  "plate.read": "Number plate",
  "object.face": "Face",
  "object.animal": "Animal",
  "object.package": "Package",
  "scene.tampered": "Camera was tampered with",
  "sound.detected": "Sound",
  "input.active": "Alarm input",
  "rule.triggered": "A rule of the camera",
};

/** What an event mark means, for people. */
export function eventWords(type: string): string {
  return events[type] ?? gapWords(type);
}
