import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { chooseLanguage } from "@/i18n/language";
import { SetUpSecondFactor } from "./SetUpSecondFactor";

/** Answers the code that was typed. */
let confirm: (answer: { recoveryCodes: string[] }) => void;

vi.mock("@/api/client", () => ({
  api: {
    post: (path: string) =>
      path.endsWith("/confirm")
        ? new Promise((done) => (confirm = done))
        : Promise.resolve({ secret: "ABCD", uri: "otpauth://totp/vms" }),
  },
}));

beforeEach(() => chooseLanguage("en"));
afterEach(cleanup);

test("the window stays until it is known whether the code is right: its recovery codes are shown once", async () => {
  const onClose = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SetUpSecondFactor onClose={onClose} />
    </QueryClientProvider>,
  );
  await userEvent.type(await screen.findByRole("textbox"), "123456{Enter}");
  await userEvent.keyboard("{Escape}");
  expect(onClose).not.toHaveBeenCalled();
  confirm({ recoveryCodes: ["one", "two"] });
  expect(await screen.findByText("one")).toBeDefined();
});
