import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test } from "vitest";
import type { GrantView, RoleView } from "@/api/roles";
import type { Permission } from "@/api/types";
import { chooseLanguage } from "@/i18n/language";
import { GrantsEditor } from "./GrantsEditor";
import { grantWords, placesOf } from "./grantWords";
import { groupNames, permissionGroups } from "./permissionGroups";
import { words } from "./words";

afterEach(() => {
  cleanup();
  chooseLanguage(null);
});

const role = (id: string, permissions: Permission[], builtIn = true): RoleView => ({
  id,
  name: id === "own" ? "Guard" : id,
  builtIn,
  version: "1",
  permissions,
  users: 0,
});

const roles = [
  role("admin", ["users.write", "live.view"]),
  role("viewer", ["live.view"]),
  role("own", ["live.view"], false),
];

const tree = {
  id: "default",
  name: "All",
  sites: [
    {
      id: "north",
      name: "North",
      cameras: [
        {
          id: "gate",
          name: "Gate",
          enabled: true,
          state: "online",
          stateReason: null,
          recordingState: "off",
          groupIds: [],
        },
      ],
    },
  ],
  groups: [{ id: "out", name: "Outdoors", cameraIds: ["gate"], groups: [] }],
};

/** The editor as somebody sees it who has these permissions for everything. */
function edit(grants: GrantView[], ...mine: Permission[]) {
  let last = grants;
  const permissions: Permission[] = ["users.read", "cameras.read", ...mine];
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
  queries.setQueryData(["roles"], roles);
  queries.setQueryData(["tree"], tree);
  queries.setQueryData(["me"], {
    id: "1",
    username: "eva",
    role: "",
    tenantId: "default",
    permissions,
    scopes: [{ scope: "tenant", scopeId: null, permissions }],
  });
  function Form() {
    const [value, setValue] = useState(grants);
    last = value;
    return <GrantsEditor grants={value} onChange={setValue} />;
  }
  render(
    <QueryClientProvider client={queries}>
      <Form />
    </QueryClientProvider>,
  );
  return () => last;
}

test("a role is given for one camera", async () => {
  const given = edit([], "live.view");
  await userEvent.click(screen.getByRole("button", { name: "Add a right" }));
  expect(given()).toEqual([{ roleId: "viewer", scope: "tenant", scopeId: null }]);
  await userEvent.selectOptions(screen.getByLabelText("Where it counts"), "A camera");
  // Until a camera is chosen the form cannot be sent.
  expect(given()).toEqual([{ roleId: "viewer", scope: "camera", scopeId: "" }]);
  const which = screen.getByLabelText<HTMLSelectElement>("Which camera");
  expect(which.required).toBe(true);
  await userEvent.selectOptions(which, "Gate");
  expect(given()).toEqual([{ roleId: "viewer", scope: "camera", scopeId: "gate" }]);
  await userEvent.click(screen.getByRole("button", { name: "Remove: Viewer on Gate" }));
  expect(given()).toEqual([]);
});

test("nobody is offered to give more than they may themselves", () => {
  edit([{ roleId: "viewer", scope: "tenant", scopeId: null }], "live.view");
  const choice = within(screen.getByLabelText("Role"));
  expect(choice.getByRole<HTMLOptionElement>("option", { name: /Administrator \(more/ }).disabled).toBe(true);
  expect(choice.getByRole<HTMLOptionElement>("option", { name: "Guard" }).disabled).toBe(false);
});

test("grants are said in the language of the moment", () => {
  const places = placesOf(tree);
  const said = (grant: GrantView) => grantWords(grant, roles, places);
  expect(said({ roleId: "viewer", scope: "site", scopeId: "north" })).toBe("Viewer at North");
  expect(said({ roleId: "own", scope: "group", scopeId: "out" })).toBe("Guard on the group Outdoors");
  expect(said({ roleId: "gone", scope: "camera", scopeId: "x" })).toBe(
    "A role that is gone (gone) on one that you do not see (x)",
  );
  chooseLanguage("de");
  expect(said({ roleId: "admin", scope: "tenant", scopeId: null })).toBe("Administrator überall");
});

test("every permission that there are words for stands in one group of the matrix", () => {
  const grouped = groupNames.flatMap((name) => [...permissionGroups[name]]);
  expect([...grouped].sort()).toEqual(Object.keys(words.permissions).sort());
  expect(new Set(grouped).size).toBe(grouped.length);
});
