import { describe, expect, it } from "vitest";
import { restartedAnswer, restartFragment } from "./iceRestart";

describe("ICE restart", () => {
  it("sends what names the section and its credentials, and nothing else", () => {
    const offer =
      "v=0\r\na=group:BUNDLE 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret\r\na=mid:0\r\na=rtpmap:96 H264/90000\r\n";
    expect(restartFragment(offer)).toBe(
      "a=group:BUNDLE 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret\r\na=mid:0\r\n",
    );
  });

  it("puts the server's new credentials into the answer, whatever signs are in them", () => {
    const answer = "v=0\r\na=ice-lite\r\na=ice-ufrag:old1\r\na=ice-pwd:old2\r\na=candidate:1\r\n";
    expect(restartedAnswer(answer, "a=ice-lite\r\na=ice-ufrag:n$1+/\r\na=ice-pwd:p$&w\r\n")).toBe(
      "v=0\r\na=ice-lite\r\na=ice-ufrag:n$1+/\r\na=ice-pwd:p$&w\r\na=candidate:1\r\n",
    );
  });
});
