import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { shell } from "./offline/shell.ts";

/** `npm run dev` talks to a product that already runs: VMS_URL, by default the one `./dev run` starts. */
const product = process.env.VMS_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), tailwindcss(), shell()],
  resolve: {
    alias: {
      "@": fileURLToPath(new URL("./src", import.meta.url)),
      "vms-client": fileURLToPath(new URL("../sdk/typescript/src/index.ts", import.meta.url)),
    },
  },
  build: { target: "es2023", sourcemap: false, assetsInlineLimit: 0 },
  server: {
    fs: { allow: [".", "../sdk/typescript"] },
    proxy: Object.fromEntries(
      ["/api", "/health", "/hls", "/webrtc", "/mse"].map((path) => [path, { target: product, ws: true }]),
    ),
  },
  test: { environment: "jsdom", include: ["{src,offline}/**/*.test.{ts,tsx}", "*.test.js"] },
});
