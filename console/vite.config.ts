import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const OUT = "../src/faregate/console/static";

/** Beside every file that shrinks by it: the same compressed, so that the server never compresses anything. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      for (const name of readdirSync(OUT, { recursive: true, encoding: "utf8" })) {
        const file = join(OUT, name);
        if (!statSync(file).isFile() || !/\.(js|css|svg)$/.test(name)) continue;
        const body = readFileSync(file);
        if (body.length < 1024) continue;
        writeFileSync(`${file}.gz`, gzipSync(body, { level: 9 }));
        writeFileSync(`${file}.br`, brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }));
      }
    },
  };
}

/** The page names the files of its words, so that before.js has the browser fetch the right one beside the script. */
function wordsNamed(): Plugin {
  return {
    name: "words-named",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        const file = (language: string) =>
          Object.values(bundle ?? {}).find((one) => one.type === "chunk" && one.facadeModuleId?.endsWith(`/src/words/${language}/all.ts`))?.fileName;
        return html.replace("<html ", `<html data-en="${file("en")}" data-zh="${file("zh")}" `);
      },
    },
  };
}

// Every file but index.html and the two of public/ is named with its hash, so that browsers may keep it for ever.
export default defineConfig({
  base: "/console/",
  plugins: [react(), wordsNamed(), compressed()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    manifest: "manifest.json",
  },
  server: { proxy: { "/api": "http://127.0.0.1:8080", "/v1": "http://127.0.0.1:8080" } },
});
