// A receiver of webhooks, written from docs/guide/integrations.md alone: checks the signature with nothing but node:crypto.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const secrets = { current: process.env.SECRET ?? "" };
let status = 200;

createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    if (request.url === "/control") {
      const wanted = JSON.parse(body);
      if (wanted.secret) secrets.current = wanted.secret;
      if (wanted.status) status = wanted.status;
      response.end("ok");
      return;
    }

    const id = request.headers["webhook-id"];
    const at = request.headers["webhook-timestamp"];
    const key = Buffer.from(secrets.current.replace("whsec_", ""), "base64");
    const expected = createHmac("sha256", key).update(`${id}.${at}.`).update(body).digest();
    const genuine = (request.headers["webhook-signature"] ?? "").split(" ").some((signature) => {
      const given = Buffer.from(signature.replace("v1,", ""), "base64");
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
    const fresh = Math.abs(Date.now() / 1000 - Number(at)) < 300;
    console.log(JSON.stringify({ id, genuine, fresh, type: request.headers["content-type"], status, body: JSON.parse(body) }));
    if (status === 302) response.setHeader("location", "/elsewhere");
    response.statusCode = genuine && fresh ? status : 401;
    response.end(genuine && fresh ? "thanks\u0007 a lot" + "!".repeat(100000) : "not genuine");
  });
}).listen(0, "127.0.0.1", function () {
  console.log("listening " + this.address().port);
});
