// A push service and the browser behind it: checks who sends (VAPID, RFC 8292) and decrypts what is for the browser (RFC 8291), with nothing but node:crypto.
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from "node:crypto";
import { createServer } from "node:http";

const browser = createECDH("prime256v1");
browser.generateKeys();
const auth = randomBytes(16);

const decrypt = (body) => {
  const salt = body.subarray(0, 16);
  const sender = body.subarray(21, 21 + body[20]);
  const encrypted = body.subarray(21 + body[20]);
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), browser.getPublicKey(), sender]);
  const secret = Buffer.from(hkdfSync("sha256", browser.computeSecret(sender), auth, info, 32));
  const key = Buffer.from(hkdfSync("sha256", secret, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16));
  const nonce = Buffer.from(hkdfSync("sha256", secret, salt, Buffer.from("Content-Encoding: nonce\0"), 12));
  const decipher = createDecipheriv("aes-128-gcm", key, nonce);
  decipher.setAuthTag(encrypted.subarray(encrypted.length - 16));
  const plain = Buffer.concat([decipher.update(encrypted.subarray(0, encrypted.length - 16)), decipher.final()]);
  return plain.subarray(0, plain.lastIndexOf(2)).toString("utf8");
};

const isFrom = (authorization, serverKey, origin) => {
  const [, token, key] = /^vapid t=([^,]+), ?k=(.+)$/.exec(authorization) ?? [];
  if (key !== serverKey) return false;
  const point = Buffer.from(key, "base64url");
  const jwk = { kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") };
  const [head, claims, signature] = token.split(".");
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, "base64url"));
  const genuine = verify("sha256", Buffer.from(`${head}.${claims}`), { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
  return genuine && new URL(aud).hostname === new URL(origin).hostname && exp > Date.now() / 1000 && sub.startsWith("mailto:");
};

let status = 201;
createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    if (request.url.startsWith("/status/")) {
      status = Number(request.url.slice(8));
      response.end();
      return;
    }

    const serverKey = decodeURIComponent(new URL(request.url, "http://x").searchParams.get("key"));
    console.log(
      JSON.stringify({ genuine: isFrom(request.headers.authorization, serverKey, `http://${request.headers.host}`), ttl: request.headers.ttl, topic: request.headers.topic, message: JSON.parse(decrypt(body)) }),
    );
    response.statusCode = status;
    response.end();
  });
}).listen(0, "127.0.0.1", function () {
  console.log(`listening ${this.address().port} ${browser.getPublicKey("base64url")} ${auth.toString("base64url")}`);
});
