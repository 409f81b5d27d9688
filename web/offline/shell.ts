import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

/** Without a hash in their name. */
const fixed = ["/", "/theme.js", "/icon.svg", "/icon-192.png", "/manifest.webmanifest"];
/** What the sign-in needs besides the entry. */
const signIn = /\/LoginPage\.tsx$/;
/** The one font that both languages are written in. */
const font = /inter-latin-wght-normal.*\.woff2$/;

/** Writes `/sw.js`: the service worker, with the files that the client needs up to its sign-in page. */
export function shell(): Plugin {
  return {
    name: "shell",
    apply: "build",
    generateBundle(_, bundle) {
      const files = new Set<string>();
      const add = (name: string) => {
        const chunk = bundle[name];
        if (files.has(name) || chunk?.type !== "chunk") return;
        files.add(name);
        chunk.imports.forEach(add);
      };
      for (const [name, item] of Object.entries(bundle)) {
        if (item.type === "chunk" && (item.isEntry || signIn.test(item.facadeModuleId ?? ""))) add(name);
        if (item.type === "asset" && (name.endsWith(".css") || font.test(name))) files.add(name);
      }
      const list = [...fixed, ...[...files].map((name) => `/${name}`)];
      const worker = readFileSync(fileURLToPath(new URL("worker.js", import.meta.url)), "utf8");
      const page = readFileSync(fileURLToPath(new URL("../index.html", import.meta.url)), "utf8");
      const version = createHash("sha256")
        .update(list.join() + worker + page)
        .digest("hex")
        .slice(0, 12);
      const head = `const shell = ${JSON.stringify({ version, files: list })};\n`;
      this.emitFile({ type: "asset", fileName: "sw.js", source: head + worker });
    },
  };
}
