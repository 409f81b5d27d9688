import { LogOut } from "lucide-react";
import { signOut } from "@/api/signIn";
import { useMe } from "@/api/useMe";
import { LanguageChoice } from "@/components/LanguageChoice";
import { SettingCard } from "@/components/SettingCard";
import { Button } from "@/components/ui/Button";
import { OwnSessions } from "@/features/account/OwnSessions";
import { PasswordCard } from "@/features/account/PasswordCard";
import { SecondFactorCard } from "@/features/account/SecondFactorCard";
import { chooseTheme, themes, useTheme } from "@/theme/theme";
import { words } from "./words";

/** What is this person's: language, light or dark, password, second factor and sign-ins. */
export function AccountPage() {
  const me = useMe();
  return (
    <div className="space-y-6">
      <h2 className="sr-only">{words.account}</h2>
      <SettingCard title={words.language} hint={words.languageHint}>
        <LanguageChoice />
      </SettingCard>
      <SettingCard title={words.appearance} hint={words.appearanceHint}>
        <ThemeChoice />
      </SettingCard>
      <SettingCard title={words.signedInAs(me.data?.username ?? "…")} hint={words.signOutHint}>
        <Button className="max-md:h-11" onClick={() => void signOut()}>
          <LogOut /> {words.signOut}
        </Button>
      </SettingCard>
      <PasswordCard />
      <SecondFactorCard />
      <OwnSessions />
    </div>
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
