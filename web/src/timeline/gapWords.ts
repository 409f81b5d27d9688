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
  damaged: "The recording is damaged",
};

/** Why nothing is recorded here, for people. */
export function gapWords(cause: string): string {
  return words[cause] ?? "Nothing recorded";
}
