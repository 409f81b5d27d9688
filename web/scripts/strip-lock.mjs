// Takes the download addresses out of package-lock.json: they name the registry of whoever ran `npm install` last.
// The integrity hashes stay, so `npm ci` installs the same bytes from any registry.
import { readFile, writeFile } from "node:fs/promises";

const lock = await readFile("package-lock.json", "utf8");
await writeFile("package-lock.json", lock.replace(/^ *"resolved": "http.*\n/gm, ""));
