import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "../cn";

const button = cva(
  "inline-flex shrink-0 items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap transition-colors duration-100 disabled:pointer-events-none disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "bg-accent-strong text-white hover:bg-accent-strong/90",
        secondary: "bg-raised text-text border hover:bg-line",
        ghost: "text-soft hover:bg-raised hover:text-text",
        danger: "bg-alarm-strong text-white hover:bg-alarm-strong/90",
      },
      size: { md: "h-9 px-4", sm: "h-8 px-3 text-[13px]", icon: "size-9", touch: "h-11 px-5" },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

export function Button({
  className,
  variant,
  size,
  asChild = false,
  ...props
}: ComponentProps<"button"> & VariantProps<typeof button> & { asChild?: boolean }) {
  const Element = asChild ? Slot.Root : "button";
  return (
    <Element type={asChild ? undefined : "button"} className={cn(button({ variant, size }), className)} {...props} />
  );
}
