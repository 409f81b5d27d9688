import { LogOut } from "lucide-react";
import { useId, type ReactNode } from "react";
import { signOut } from "@/api/signIn";
import { useMe } from "@/api/useMe";
import { LanguageChoice } from "@/components/LanguageChoice";
import { Button } from "@/components/ui/Button";
import { chooseTheme, themes, useTheme } from "@/theme/theme";
import { words } from "./words";

/** What is this person's, in this browser: language, light or dark, the sign-in. */
export function AccountPage() {
  const me = useMe();
  return (
    <div className="space-y-6">
      <h2 className="sr-only">{words.account}</h2>
      <Card title={words.language} hint={words.languageHint}>
        <LanguageChoice />
      </Card>
      <Card title={words.appearance} hint={words.appearanceHint}>
        <ThemeChoice />
      </Card>
      <Card title={words.signedInAs(me.data?.username ?? "…")} hint={words.signOutHint}>
        <Button className="max-md:h-11" onClick={() => void signOut()}>
          <LogOut /> {words.signOut}
        </Button>
      </Card>
    </div>
  );
}

function Card({ title, hint, children }: { title: string; hint: string; children: ReactNode }) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className="bg-panel flex flex-wrap items-center justify-between gap-x-8 gap-y-4 rounded-lg border p-5"
    >
      <div className="min-w-0 flex-1 basis-60">
        <h3 id={id} className="font-medium">
          {title}
        </h3>
        <p className="text-soft mt-1 text-[13px] text-pretty">{hint}</p>
      </div>
      {children}
    </section>
  );
}

function ThemeChoice() {
  const theme = useTheme();
  return (
    <div role="radiogroup" aria-label={words.appearance} className="bg-ground flex gap-0.5 rounded-md border p-0.5">
      {themes.map((choice) => (
        <label
          key={choice}
          className="has-checked:bg-raised has-checked:text-text text-soft hover:text-text flex h-8 items-center rounded px-3 text-[13px] has-focus-visible:outline-2 has-focus-visible:outline-offset-2 max-md:h-11"
        >
          <input
            type="radio"
            name="theme"
            className="sr-only"
            checked={theme === choice}
            onChange={() => chooseTheme(choice)}
          />
          {words.themes[choice]}
        </label>
      ))}
    </div>
  );
}
