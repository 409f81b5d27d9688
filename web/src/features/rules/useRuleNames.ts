import { useMemo } from "react";
import { groupsOf, useTree } from "@/api/tree";
import { useMay } from "@/api/useMe";
import { useWebhooks } from "@/api/webhooks";
import type { RuleNames } from "./ruleSentence";

/** What cameras, groups, sites and webhooks are called, as far as this account may know. */
export function useRuleNames(): RuleNames {
  const may = useMay();
  const tree = useTree(may("cameras.read")).data;
  const webhooks = useWebhooks(may("integrations.write")).data;
  return useMemo(
    () => ({
      cameras: new Map(tree?.sites.flatMap((s) => s.cameras).map((c) => [c.id, c.name])),
      groups: new Map([...groupsOf(tree?.groups ?? [])].map(({ group }) => [group.id, group.name])),
      sites: new Map(tree?.sites.map((s) => [s.id, s.name])),
      webhooks: new Map(webhooks?.map((w) => [w.id, w.name])),
    }),
    [tree, webhooks],
  );
}
