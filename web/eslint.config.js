import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";
import words from "./lint-words.js";

export default tseslint.config(
  { ignores: ["dist", "node_modules", "scripts"] },
  ...tseslint.configs.recommended,
  reactHooks.configs.flat.recommended,
  jsxA11y.flatConfigs.recommended,
  {
    languageOptions: { globals: globals.browser },
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      // A page that is nothing but a form starts in its first field.
      "jsx-a11y/no-autofocus": "off",
      // Live video of a camera has no captions.
      "jsx-a11y/media-has-caption": "off",
    },
  },
  { files: ["offline/worker.js"], languageOptions: { globals: globals.serviceworker } },
  {
    files: ["src/**/*.{ts,tsx}"],
    ignores: ["**/words.ts", "**/*.test.*", "src/api/germanProblems.ts"],
    plugins: { words },
    rules: { "words/literal": "error", "words/kept": "error" },
  },
);
