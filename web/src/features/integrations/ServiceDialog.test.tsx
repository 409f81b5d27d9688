import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/problem";
import { TextField } from "@/components/ui/Field";
import { chooseLanguage } from "@/i18n/language";
import { ServiceDialog } from "./ServiceDialog";

const settings = { enabled: true, host: "broker.example", port: 1883, username: "vms" as string | null, topic: "vms" };

beforeEach(() => chooseLanguage("en"));
afterEach(cleanup);

function show(error: Error | null = null) {
  const onSave = vi.fn();
  render(
    <ServiceDialog
      title="Broker"
      begin={settings}
      hostExample="broker.example"
      hasPassword
      own={["topic"]}
      busy={false}
      error={error}
      onSave={onSave}
      onClose={() => undefined}
      fields={(now, set, problem) => (
        <TextField
          label="Topic"
          value={now.topic}
          onChange={(e) => set({ topic: e.target.value })}
          error={problem("settings.topic")}
        />
      )}
    />,
  );
  return { onSave, user: userEvent.setup(), save: () => screen.getByRole("button", { name: "Save" }) };
}

test("an empty password field leaves the stored one as it is", async () => {
  const { onSave, user, save } = show();
  await user.type(screen.getByLabelText("Topic"), "2");
  await user.click(save());
  expect(onSave).toHaveBeenCalledWith({ ...settings, topic: "vms2" }, null);
  expect(screen.getByLabelText("Password").getAttribute("placeholder")).toBe("Stored, unchanged");
});

test("a typed one is sent, and without a user there is none", async () => {
  const { onSave, user, save } = show();
  await user.type(screen.getByLabelText("Password"), "new");
  await user.click(save());
  expect(onSave).toHaveBeenLastCalledWith(settings, "new");
  await user.clear(screen.getByLabelText("Password"));
  await user.clear(screen.getByLabelText("User"));
  await user.click(save());
  expect(onSave).toHaveBeenLastCalledWith({ ...settings, username: null }, "");
});

test("what the server refuses is said at its field, and once", () => {
  const wrong = [
    ["settings.host", "Use a host name"],
    ["settings.topic", "Without wildcards"],
    ["password", "Enter it again"],
    ["settings.strange", "Something else"],
  ] as const;
  show(
    new ApiError({
      status: 400,
      code: "invalidInput",
      title: "Wrong",
      fields: wrong.map(([field, message]) => ({ field, code: "invalidValue", message })),
    }),
  );
  const noteOf = (label: string) =>
    document.getElementById(screen.getByLabelText(label).getAttribute("aria-describedby")!)?.textContent;
  expect(["Host", "Topic", "Password"].map(noteOf)).toEqual(["Use a host name", "Without wildcards", "Enter it again"]);
  expect(screen.getAllByText(/Use a host name|Something else/)).toHaveLength(2);
});
