import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";

const BRAND = "src/brand";

/** The pictures that only templates name: hashed and in the manifest like everything else. */
function brandPictures(): Plugin {
  return {
    name: "brand-pictures",
    buildStart() {
      for (const name of readdirSync(BRAND)) {
        const path = join(BRAND, name);
        this.emitFile({ type: "asset", name, originalFileName: path, source: readFileSync(path) });
      }
    },
  };
}

export default defineConfig({
  base: "/static/",
  publicDir: false,
  plugins: [brandPictures()],
  build: {
    manifest: true,
    modulePreload: false,
    // A `data:` address would need a hole in the content security policy.
    assetsInlineLimit: 0,
    // light-dark(), popovers and nesting as they are written: browsers of the last two years.
    target: ["chrome123", "firefox121", "safari17.5"],
    cssCodeSplit: true,
    rollupOptions: { input: { app: "src/app.ts", "push-worker": "src/push/worker.ts" } },
  },
});
