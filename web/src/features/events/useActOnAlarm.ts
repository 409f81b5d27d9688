import { toast } from "sonner";
import { useAlarmAct, type AlarmAct, type AlarmView } from "@/api/alarms";
import { useMe } from "@/api/useMe";
import { words } from "./words";

/** Does something about an alarm; why it did not happen is told. */
export function useActOnAlarm() {
  const me = useMe().data?.username ?? "";
  const { mutateAsync, isPending } = useAlarmAct(me);
  const act = (alarm: AlarmView, what: AlarmAct): Promise<boolean> =>
    mutateAsync({ alarm, act: what }).then(
      () => true,
      (error: unknown) => {
        toast.error(error instanceof Error ? error.message : words.notDone);
        return false;
      },
    );
  return { act, busy: isPending };
}
