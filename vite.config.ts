import { readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vitest/config";
import { autoTheme, keepUsedRules } from "./frontend/bundling/css.ts";

const OUTPUT = "src/gangmu/foundation/ui/static/gangmu";

/** Writes `.br` and `.gz` beside every asset, so that the server only has to pick one. */
function precompress(): Plugin {
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  return {
    name: "gangmu:precompress",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        for (const file of Object.values(bundle)) {
          if (!/\.(js|css|svg)$/.test(file.fileName)) continue;
          const source = Buffer.from(file.type === "chunk" ? file.code : file.source);
          this.emitFile({
            type: "asset",
            fileName: `${file.fileName}.br`,
            source: brotliCompressSync(source, quality),
          });
          this.emitFile({ type: "asset", fileName: `${file.fileName}.gz`, source: gzipSync(source, { level: 9 }) });
        }
      },
    },
  };
}

const FONTS = "node_modules/@expo-google-fonts/noto-sans-sc";

/** Lays the fonts of printed reports beside the assets: no page loads them, the server sets PDF files with them. */
function carryFonts(): Plugin {
  const files = {
    "fonts/NotoSansSC-Regular.ttf": "400Regular/NotoSansSC_400Regular.ttf",
    "fonts/NotoSansSC-Bold.ttf": "700Bold/NotoSansSC_700Bold.ttf",
    "fonts/OFL.txt": "LICENSE_FONT",
  };
  return {
    name: "gangmu:fonts",
    apply: "build",
    generateBundle() {
      for (const [fileName, source] of Object.entries(files)) {
        this.emitFile({ type: "asset", fileName, source: readFileSync(`${FONTS}/${source}`) });
      }
    },
  };
}

export default defineConfig(({ mode }) => ({
  base: "./",
  publicDir: "frontend/public",
  css: {
    postcss: { plugins: mode === "test" ? [] : [keepUsedRules(), autoTheme()] },
    preprocessorOptions: { scss: { loadPaths: ["node_modules"], quietDeps: true } },
  },
  plugins: [carryFonts(), precompress()],
  build: {
    outDir: OUTPUT,
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    target: ["chrome123", "edge123", "firefox121", "safari17.5"],
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { input: { main: "frontend/src/main.ts", worker: "frontend/src/grid/worker.ts" } },
  },
  test: { environment: "happy-dom", include: ["frontend/tests/**/*.test.ts"] },
}));
