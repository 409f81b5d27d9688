// node tools/build.mjs OUT: makes both client libraries from docs/ref/openapi.json and packs them: OUT/vms-client-V.tgz and OUT/vms_client-V-py3-none-any.whl.
import { execFileSync } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { document, repository, schemaOf, sdk } from "./openapi.mjs";
import { models, operations } from "./python.mjs";

const [given] = process.argv.slice(2);
if (!given) throw new Error("usage: node tools/build.mjs OUT");
const out = resolve(given);

const [, version] = /<Version>([\d.]+)<\/Version>/.exec(await readFile(join(repository, "Directory.Build.props"), "utf8")) ?? [];
if (!version) throw new Error("Directory.Build.props has no Version");

const run = (program, args, cwd) => execFileSync(program, args, { cwd, stdio: ["ignore", 2, "inherit"] });

/** A copy of a library's own sources, to which what is generated is added. */
async function workshop(name) {
  const folder = join(out, "work", name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(join(sdk, name), folder, { recursive: true, filter: (path) => !/__pycache__|node_modules|[\\/]dist$/.test(path) });
  return folder;
}

async function typescript() {
  const folder = await workshop("typescript");
  await writeFile(join(folder, "src", "schema.ts"), await schemaOf());
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ ...manifest, version }, null, 2) + "\n");
  run(process.execPath, [join(sdk, "node_modules", "typescript", "bin", "tsc"), "-p", folder], folder);
  await cp(join(repository, "LICENSE"), join(folder, "LICENSE"));
  run("npm", ["pack", "--silent", "--pack-destination", out], folder);
}

async function python() {
  const folder = await workshop("python");
  const api = JSON.parse(await readFile(document, "utf8"));
  const module = join(folder, "src", "vms_client");
  await writeFile(join(module, "models.py"), models(api));
  await writeFile(join(module, "operations.py"), operations(api));
  await cp(join(repository, "LICENSE"), join(folder, "LICENSE"));
  run("python3", [join(folder, "pack.py"), version, out], folder);
}

await mkdir(out, { recursive: true });
await typescript();
await python();
