import { useState, type FormEvent } from "react";
import { groupsOf, type GetTreeTenantNode } from "@/api/tree";
import { Button } from "@/components/ui/Button";
import { Check } from "@/components/ui/Check";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { SelectField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { groupIdsOf, moveOf, siteOf, type Move } from "./moves";
import { nodesOf, type Node } from "./nodes";
import { words } from "./words";

/** Where something shall stand: for whoever does not drag. */
export function MoveDialog({
  tree,
  node,
  onMove,
  onClose,
}: {
  tree: GetTreeTenantNode;
  node: Node;
  onMove: (move: Move) => void;
  onClose: () => void;
}) {
  const done = (move: Move | null) => {
    if (move) onMove(move);
    onClose();
  };
  const title = node.name;
  if (node.kind === "camera" && node.parent?.kind === "site")
    return (
      <Dialog title={title} description={words.moveTo} onClose={onClose}>
        <ChooseSite tree={tree} camera={node.id} onChosen={done} />
      </Dialog>
    );
  if (node.kind === "camera")
    return (
      <Dialog title={title} description={words.inGroups} onClose={onClose}>
        <ChooseGroups tree={tree} camera={node.id} onChosen={done} />
      </Dialog>
    );
  return (
    <Dialog title={title} description={words.moveGroup} onClose={onClose}>
      <ChooseParent tree={tree} group={node} onChosen={done} />
    </Dialog>
  );
}

type Chosen = (move: Move | null) => void;

function ChooseSite({ tree, camera, onChosen }: { tree: GetTreeTenantNode; camera: string; onChosen: Chosen }) {
  const from = siteOf(tree, camera) ?? "";
  const [to, setTo] = useState(from);
  return (
    <Form onSubmit={() => onChosen(to === from ? null : { kind: "site", camera, from, to })} action={words.move}>
      <SelectField label={words.where} value={to} onChange={(e) => setTo(e.target.value)}>
        {tree.sites.map((site) => (
          <option key={site.id} value={site.id}>
            {site.name}
          </option>
        ))}
      </SelectField>
    </Form>
  );
}

function ChooseGroups({ tree, camera, onChosen }: { tree: GetTreeTenantNode; camera: string; onChosen: Chosen }) {
  const from = groupIdsOf(tree, camera);
  const [to, setTo] = useState(from);
  const same = from.length === to.length && from.every((id) => to.includes(id));
  return (
    <Form onSubmit={() => onChosen(same ? null : { kind: "groups", camera, from, to })} action={pageWords.save}>
      <fieldset>
        <legend className="text-soft text-[13px] font-medium">{words.whichGroups}</legend>
        <div className="max-h-72 overflow-y-auto">
          {[...groupsOf(tree.groups)].map(({ group, depth }) => (
            <div key={group.id} style={{ paddingLeft: `${depth * 1.25}rem` }}>
              <Check
                label={group.name}
                checked={to.includes(group.id)}
                onChange={(e) => setTo(e.target.checked ? [...to, group.id] : to.filter((id) => id !== group.id))}
              />
            </div>
          ))}
        </div>
      </fieldset>
    </Form>
  );
}

function ChooseParent({ tree, group, onChosen }: { tree: GetTreeTenantNode; group: Node; onChosen: Chosen }) {
  const [to, setTo] = useState(group.parent?.id ?? "");
  const others = nodesOf(tree, "groups", new Set()).filter((n) => n.kind === "group");
  const possible = others.filter((n) => n.id === group.parent?.id || moveOf(tree, group, n));
  return (
    <Form onSubmit={() => onChosen(moveOf(tree, group, possible.find((n) => n.id === to) ?? null))} action={words.move}>
      <SelectField label={words.within} value={to} onChange={(e) => setTo(e.target.value)}>
        <option value="">{words.top}</option>
        {possible.map((n) => (
          <option key={n.key} value={n.id}>
            {"\u2003".repeat(n.level - 1)}
            {n.name}
          </option>
        ))}
      </SelectField>
    </Form>
  );
}

function Form({ onSubmit, action, children }: { onSubmit: () => void; action: string; children: React.ReactNode }) {
  return (
    <form
      className="space-y-4"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      <div className="flex justify-end gap-2">
        <CancelButton />
        <Button type="submit" variant="primary" className="max-md:h-11">
          {action}
        </Button>
      </div>
    </form>
  );
}
