/**
 * Two steps on our style sheet. Tabler's parts are made for every site; only what our pages name is kept.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import postcss, { type Plugin, type Root } from "postcss";
import { PurgeCSS } from "purgecss";

const PAGES = ["src/gangmu", "frontend/src"];
const SPOKEN = /\.(html|py|ts|svg)$/;
const SKIPPED = new Set(["static", "migrations", "tests", "locale", "node_modules", "__pycache__"]);

function* spokenFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) yield* spokenFiles(path);
    else if (entry.isFile() && SPOKEN.test(entry.name)) yield path;
  }
}

/** Drops rules, custom properties and keyframes that no template, Python file or island names. */
export function keepUsedRules(): Plugin {
  return {
    postcssPlugin: "gangmu-keep-used-rules",
    async OnceExit(root: Root) {
      // What comes with a script (gridstack) names its classes there.
      if (root.source?.input.file?.includes("node_modules")) return;
      const content = PAGES.flatMap((folder) => [...spokenFiles(folder)]).map((path) => ({
        raw: readFileSync(path, "utf8"),
        extension: "html",
      }));
      const [kept] = await new PurgeCSS().purge({
        content,
        css: [{ raw: root.toString() }],
        defaultExtractor: (text) => text.match(/[A-Za-z0-9_-]+/g) ?? [],
        // Tones are put together in components: badge-{{ tone }}, alert-{{ tone }}, …
        safelist: {
          standard: [
            "html",
            "body",
            /^(bg|text|badge|alert|btn|status)-(primary|secondary|success|info|warning|danger)(-lt)?$/,
            /^(finding|cell)-(primary|info|warning|danger)$/,
            /^chart-(low|tall)$/,
            /^tile-[xwh]-\d+$/, // places on home pages
            /^(tone|kind)-[a-z]+$/,
            /^study-(total|up|down)$/,
            /^(at|on|edge)-(left|right|center|top|bottom)$/, // cells of designed reports
            /^(letters|indent)-\d+$/,
          ],
          variables: [/^--chart-/], // read by the charts
        },
        variables: true,
        keyframes: true,
        fontFace: true,
      });
      root.removeAll();
      root.append(postcss.parse(kept?.css ?? "", { from: root.source?.input.file }).nodes);
    },
  };
}

/** Repeats what is written for the dark theme for `data-bs-theme="auto"` on a machine that is set to dark. */
export function autoTheme(): Plugin {
  const DARK = /\[data-(?:bs-)?theme=['"]?dark['"]?\]/g;
  return {
    postcssPlugin: "gangmu-auto-theme",
    OnceExit(root: Root) {
      root.walkRules((rule) => {
        const dark = rule.selectors.filter((selector) => selector.match(DARK) && !selector.includes(":not("));
        if (dark.length === 0) return;
        const copy = rule.clone({ selectors: dark.map((selector) => selector.replace(DARK, "[data-bs-theme=auto]")) });
        rule.after(postcss.atRule({ name: "media", params: "(prefers-color-scheme: dark)", nodes: [copy] }));
      });
    },
  };
}
