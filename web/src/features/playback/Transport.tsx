import { ChevronFirst, ChevronLast, Pause, Play, RotateCcw, RotateCw, StepBack, StepForward } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/Button";
import type { GroupState } from "@/player/member";
import type { PlaybackGroup } from "@/player/PlaybackGroup";
import { second } from "@/timeline/scale";
import { rates } from "./address";
import type { PlaybackActions } from "./usePlayback";
import { words } from "./words";
import { number } from "@/i18n/formats";

/** Below this part of the asked speed the difference is said. */
const noticeable = 0.9;

export function Transport({ state, actions }: { state: GroupState; actions: PlaybackActions }) {
  const { playing, rate } = state;
  const back = rate < 0;
  return (
    <div
      role="group"
      aria-label={words.transport}
      className="flex items-center max-md:order-3 max-md:w-full max-md:justify-between"
    >
      <Tool label={words.previousMark} keys={`${words.shift} + ←`} onClick={() => actions.goToMark(-1)}>
        <ChevronFirst />
      </Tool>
      <Tool label={words.back10} keys="←" onClick={() => actions.skip(-10 * second)}>
        <RotateCcw />
      </Tool>
      <Tool label={words.frameBack} keys="," onClick={() => actions.step(-1)}>
        <StepBack />
      </Tool>
      <Tool
        label={playing && back ? words.pause : words.playBackwards}
        keys="J"
        note={words.withoutSound}
        pressed={playing && back}
        onClick={() => (playing && back ? actions.pause() : back ? actions.toggle() : actions.turnRound())}
      >
        {playing && back ? <Pause /> : <Play className="rotate-180" />}
      </Tool>
      <Button
        variant="secondary"
        size="icon"
        className="mx-0.5 max-md:size-11"
        aria-label={playing && !back ? words.pause : words.play}
        title={`${playing && !back ? words.pause : words.play} (${words.space})`}
        onClick={() => (playing && !back ? actions.pause() : back ? actions.turnRound() : actions.toggle())}
      >
        {playing && !back ? <Pause /> : <Play />}
      </Button>
      <Tool label={words.frameForward} keys="." onClick={() => actions.step(1)}>
        <StepForward />
      </Tool>
      <Tool label={words.forward10} keys="→" onClick={() => actions.skip(10 * second)}>
        <RotateCw />
      </Tool>
      <Tool label={words.nextMark} keys={`${words.shift} + →`} onClick={() => actions.goToMark(1)}>
        <ChevronLast />
      </Tool>
    </div>
  );
}

function Tool({
  label,
  keys,
  note,
  pressed,
  onClick,
  children,
}: {
  label: string;
  keys: string;
  note?: string;
  pressed?: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label={label}
      title={`${label} (${keys})${note ? `\n${note}` : ""}`}
      onClick={onClick}
      className={cn("max-md:size-11", pressed && "text-accent")}
    >
      {children}
    </Button>
  );
}

/** The asked speed, and beside it the true one where the two differ; that is written into the element, not rendered. */
export function Speed({
  state,
  group,
  onSpeed,
}: {
  state: GroupState;
  group: PlaybackGroup;
  onSpeed: (speed: number) => void;
}) {
  const truth = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!truth.current) return;
      const speed = group.trueSpeed;
      const asked = group.state.rate;
      const slower = speed !== null && Math.abs(speed) < noticeable * Math.abs(asked);
      truth.current.textContent = slower ? words.really(number(Math.abs(speed), 1)) : "";
    }, 500);
    return () => clearInterval(timer);
  }, [group]);
  return (
    <div className="relative flex items-center">
      <select
        aria-label={words.speed}
        value={Math.abs(state.rate)}
        title={state.seeking ? words.someShown : words.everyShown}
        onChange={(e) => {
          onSpeed(Number(e.target.value));
          // The keys are the player's again.
          e.target.blur();
        }}
        className="tabular bg-raised h-9 rounded-md border px-2 text-[13px] max-md:h-11"
      >
        {rates.map((r) => (
          <option key={r} value={r}>
            {state.rate < 0 ? "−" : ""}
            {r}×
          </option>
        ))}
      </select>
      <span
        ref={truth}
        aria-live="off"
        title={words.asFastAsTheyCome}
        className="tabular text-warn absolute left-full ml-1.5 text-[11px] whitespace-nowrap max-md:top-full max-md:right-0 max-md:left-auto"
      />
    </div>
  );
}
