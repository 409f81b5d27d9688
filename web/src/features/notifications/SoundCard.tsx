import { Volume2 } from "lucide-react";
import { toast } from "sonner";
import { SettingCard } from "@/components/SettingCard";
import { Button } from "@/components/ui/Button";
import { Check } from "@/components/ui/Check";
import { sounds, type Sound } from "@/notifications/messages";
import { setMuted, useMuted } from "@/notifications/mute";
import { mayBeHeard, play } from "@/notifications/sound";
import { words } from "./words";

/** Sounds of rules in this window, each to be tried. */
export function SoundCard() {
  const muted = useMuted();
  const listen = async (sound: Sound) => {
    if (await mayBeHeard()) play(sound);
    else toast.error(words.blocked);
  };
  return (
    <SettingCard title={words.sound} hint={words.soundHint}>
      <div className="space-y-2">
        <Check label={words.soundHere} checked={!muted} onChange={(e) => setMuted(!e.target.checked)} />
        <div className="flex flex-wrap gap-2">
          {sounds.map((sound) => (
            <Button
              key={sound}
              size="sm"
              className="max-md:h-11"
              aria-label={words.tryWhat(words.sounds[sound])}
              onClick={() => void listen(sound)}
            >
              <Volume2 aria-hidden /> {words.sounds[sound]}
            </Button>
          ))}
        </div>
      </div>
    </SettingCard>
  );
}
