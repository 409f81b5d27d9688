import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { CancelButton, Dialog } from "./Dialog";

afterEach(cleanup);

function open(state: { busy?: boolean; unsaved?: boolean }) {
  const onClose = vi.fn();
  render(
    <Dialog title="Edit Gate" onClose={onClose} {...state}>
      <CancelButton disabled={state.busy ?? false} />
    </Dialog>,
  );
  return onClose;
}

test("Escape and Cancel close it", async () => {
  const onClose = open({});
  await userEvent.keyboard("{Escape}");
  expect(onClose).toHaveBeenCalledTimes(1);
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  expect(onClose).toHaveBeenCalledTimes(2);
});

test("nothing closes it while an answer is awaited", async () => {
  const onClose = open({ busy: true, unsaved: true });
  await userEvent.keyboard("{Escape}");
  expect(onClose).not.toHaveBeenCalled();
  expect(screen.queryByRole("alertdialog")).toBeNull();
});

test("what was typed is not lost without a question", async () => {
  const onClose = open({ unsaved: true });
  await userEvent.keyboard("{Escape}");
  expect(onClose).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Keep editing" }));
  expect(screen.queryByRole("alertdialog")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  await userEvent.click(screen.getByRole("button", { name: "Discard" }));
  expect(onClose).toHaveBeenCalledTimes(1);
});
function Page() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Edit
      </button>
      {isOpen && (
        <Dialog title="Edit Gate" onClose={() => setOpen(false)}>
          {/* The field takes the focus before the window knows who had it. */}
          <input aria-label="Name" autoFocus />
        </Dialog>
      )}
    </>
  );
}

test("whoever opened it has the focus again when it is closed", async () => {
  render(<Page />);
  await userEvent.click(screen.getByRole("button", { name: "Edit" }));
  expect(document.activeElement).toBe(screen.getByLabelText("Name"));
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "Edit" })));
});
