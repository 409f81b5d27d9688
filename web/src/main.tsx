import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { ApiError } from "./api/problem";
import { isSignedIn, onSignInChange } from "./api/signIn";
import { registerServiceWorker } from "./app/installable";
import { router } from "./app/routes";
import { useLanguage } from "./i18n/language";
import { endPush } from "./notifications/push";
import "./index.css";
import { followTheme } from "./theme/theme";

followTheme();
registerServiceWorker();

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays a refusal; a server that restarts is back in seconds.
      retry: (count, error) =>
        count < 5 && !(error instanceof ApiError && error.problem.status >= 400 && error.problem.status < 500),
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 5_000),
    },
  },
});

// Whoever signs in next sees nothing of what was answered to the one before, and is not told what was meant for them.
onSignInChange(() => {
  if (isSignedIn()) return;
  queries.clear();
  void endPush();
});

/** Another language is another screen: everything on it is made anew, from the address. */
function App() {
  return <RouterProvider key={useLanguage()} router={router} />;
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
