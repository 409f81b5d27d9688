import { Component, type ReactNode } from "react";
import { ErrorState } from "@/components/States";
import { words } from "./words";

/** What is open could not be shown: the list beside it stays. With a key, so that the next one is shown again. */
export class DetailBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const error: unknown = this.state.error;
    if (error === null) return this.props.children;
    return (
      <ErrorState
        title={words.notShown}
        detail={error instanceof Error ? error.message : String(error)}
        onRetry={() => this.setState({ error: null })}
      />
    );
  }
}
