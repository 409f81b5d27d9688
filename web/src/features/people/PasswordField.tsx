import { Wand2 } from "lucide-react";
import { usePasswordRules, usualMinLength } from "@/api/passwordRules";
import { CopyButton } from "@/components/CopyButton";
import { Button } from "@/components/ui/Button";
import { TextField } from "@/components/ui/Field";
import { makePassword } from "./makePassword";
import { words } from "./words";

/** A password for somebody else: it has to be told to them, so it is shown. */
export function PasswordField({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}) {
  const minLength = usePasswordRules().data?.minLength ?? usualMinLength;
  return (
    <div className="flex items-start gap-2">
      <TextField
        label={words.password}
        className="min-w-0 flex-1"
        value={value}
        onChange={(e) => onChange(e.target.value)}
        autoComplete="new-password"
        autoCapitalize="none"
        spellCheck={false}
        required
        maxLength={256}
        hint={words.passwordHint(minLength)}
        error={error}
      />
      <div className="mt-6.5 flex gap-2">
        <Button className="h-10 px-3 max-md:h-11" onClick={() => onChange(makePassword(minLength))}>
          <Wand2 /> {words.makePassword}
        </Button>
        {value !== "" && <CopyButton text={value} className="h-10 max-md:h-11" />}
      </div>
    </div>
  );
}
