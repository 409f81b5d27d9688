// A mail server for tests: prints each message that it takes, and what it was told about it, as a line of JSON.
import { SMTPServer } from "smtp-server";

const wanted = JSON.parse(process.argv[2]);

const server = new SMTPServer({
  secure: wanted.secure ?? false,
  key: wanted.key,
  cert: wanted.cert,
  authOptional: !wanted.password,
  disabledCommands: wanted.cert ? [] : ["STARTTLS"],
  onAuth: (auth, session, done) =>
    auth.username === wanted.username && auth.password === wanted.password
      ? done(null, { user: auth.username })
      : done(new Error("no such user or password")),
  onRcptTo: (address, session, done) =>
    address.address.startsWith("nobody@")
      ? done(Object.assign(new Error("no such mailbox"), { responseCode: 550 }))
      : done(),
  onData: (stream, session, done) => {
    const chunks = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("end", () => {
      const raw = Buffer.concat(chunks).toString("utf8");
      console.log(
        JSON.stringify({ from: session.envelope.mailFrom.address, to: session.envelope.rcptTo.map((r) => r.address), user: session.user ?? null, secure: session.secure, raw }),
      );
      done(null, "kept as number 7");
    });
  },
});
server.on("error", () => {});
server.listen(0, "127.0.0.1", function () {
  console.log("listening " + server.server.address().port);
});
