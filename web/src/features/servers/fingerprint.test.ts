import { expect, test } from "vitest";
import { ApiError } from "@/api/problem";
import { fingerprintIn, fingerprintLines, shownCertificate } from "./fingerprint";

const hex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

test("the certificate that a server showed is read from the problem", () => {
  const problem = (code: string) =>
    new ApiError({
      status: 400,
      code: "invalidInput",
      title: "The input is not valid",
      fields: [{ field: "certificateSha256", code, message: `It shows a certificate with SHA-256 ${hex}. Compare it` }],
    });
  expect(shownCertificate(problem("certificateNotTrusted"))).toBe(hex);
  expect(shownCertificate(problem("invalidValue"))).toBeNull();
  expect(shownCertificate(new Error(hex))).toBeNull();
  expect(shownCertificate(null)).toBeNull();
});

test("fingerprints are compared as other programs write them", () => {
  const lines = fingerprintLines(hex);
  expect(lines).toEqual([
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
  ]);
  expect(fingerprintIn(lines.join(":"))).toBe(hex);
  expect(fingerprintIn("no certificate")).toBeNull();
});
