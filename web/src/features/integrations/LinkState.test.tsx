import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { chooseLanguage } from "@/i18n/language";
import { LinkState } from "./LinkState";

beforeEach(() => chooseLanguage("en"));
afterEach(cleanup);

const show = (state: string, refused: number, refusal: string | null) =>
  render(
    <LinkState
      shown={{ text: "Connected", tone: "good" }}
      state={state}
      since="2026-12-01T08:00:00Z"
      error={null}
      sent={12}
      refused={refused}
      refusal={refusal}
      address="broker:5672"
    />,
  );

test("what a broker did not take is said, with the reason of the last one", () => {
  show("connected", 3, "message too large");
  expect(screen.getByText(/^3 messages were not taken/).textContent).toContain("message too large");
});

test("nothing is said where it took everything, or is switched off", () => {
  show("connected", 0, null);
  show("off", 3, "message too large");
  expect(screen.queryByText(/not taken/)).toBeNull();
});
