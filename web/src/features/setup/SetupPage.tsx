import { useState, useSyncExternalStore } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { isSignedIn, onSignInChange } from "@/api/signIn";
import { Needs } from "@/components/Needs";
import { AdministratorStep } from "./AdministratorStep";
import { CamerasStep } from "./CamerasStep";
import { forgetSetup, rememberStep, stepAt, type Step } from "./progress";
import { RecordingStep } from "./RecordingStep";
import { SetupFrame } from "./SetupFrame";
import { StorageStep } from "./StorageStep";
import { words } from "./words";

/**
 * First run, by the one-time link that the first start printed: `/setup#token=…`. The later steps (`?step=`) can be left, and begun again by whoever may
 * change cameras.
 */
export function SetupPage() {
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const signedIn = useSyncExternalStore(onSignInChange, isSignedIn);
  const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
  const [adding, setAdding] = useState(false);
  const step = stepAt(token !== "", signedIn, search.get("step"));

  const go = (to: Step) => {
    rememberStep(to);
    setSearch({ step: to });
  };
  const finish = () => {
    forgetSetup();
    void navigate("/live", { replace: true });
  };
  const leave = () => void navigate("/live");

  if (step === null)
    return (
      <SetupFrame step={null}>
        <p className="text-soft">
          {words.noToken}{" "}
          <a href="/login?next=/setup" className="text-accent underline-offset-2 hover:underline">
            {words.signIn}
          </a>
          .
        </p>
      </SetupFrame>
    );
  return (
    <SetupFrame step={step} onStep={step === "administrator" || adding ? undefined : go}>
      {step === "administrator" && <AdministratorStep token={token} onDone={() => go("storage")} />}
      {step !== "administrator" && (
        <Needs all={["cameras.write"]} what={words.theSetUp}>
          {step === "storage" && <StorageStep onDone={() => go("cameras")} onLeave={leave} />}
          {step === "cameras" && (
            <CamerasStep
              onBack={() => go("storage")}
              onDone={() => go("recording")}
              onLeave={leave}
              adding={adding}
              onAdding={setAdding}
            />
          )}
          {step === "recording" && <RecordingStep onBack={() => go("cameras")} onDone={finish} />}
        </Needs>
      )}
    </SetupFrame>
  );
}
