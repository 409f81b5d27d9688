import { createElement } from "react";
import { eventIcon } from "./eventIcons";

/** What kind of event it is, as a picture; the words stand beside it. */
export const EventIcon = ({ type, className }: { type: string; className?: string }) =>
  createElement(eventIcon(type), { "aria-hidden": true, ...(className && { className }) });
