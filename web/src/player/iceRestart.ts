/** The ICE part of our offer, as an SDP fragment (RFC 8840 §9). */
export function restartFragment(offer: string): string {
  const lines = offer.split("\r\n").filter((line) => /^(a=group:BUNDLE|m=|a=mid:|a=ice-ufrag:|a=ice-pwd:)/.test(line));
  return lines.join("\r\n") + "\r\n";
}

/** The first answer with the server's new credentials: nothing else changes. */
export function restartedAnswer(answer: string, fragment: string): string {
  const value = (name: string) => new RegExp(`^a=${name}:(.*)$`, "m").exec(fragment)?.[1]?.trim() ?? "";
  return answer
    .replace(/^a=ice-ufrag:.*$/gm, () => `a=ice-ufrag:${value("ice-ufrag")}`)
    .replace(/^a=ice-pwd:.*$/gm, () => `a=ice-pwd:${value("ice-pwd")}`)
    .replace(/\r?\n/g, "\r\n");
}
