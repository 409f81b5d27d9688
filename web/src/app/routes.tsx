import { createBrowserRouter, Navigate } from "react-router";
import { StartPage } from "./Allowed";
import { RequireSignIn } from "./RequireSignIn";
import { RouteError } from "./RouteError";
import { Shell } from "./Shell";

/** Every screen is its own chunk: the login loads nothing of the player. */
export const router = createBrowserRouter([
  {
    path: "/setup",
    hydrateFallbackElement: <></>,
    errorElement: <RouteError />,
    lazy: async () => ({ Component: (await import("@/features/setup/SetupPage")).SetupPage }),
  },
  {
    path: "/login",
    hydrateFallbackElement: <></>,
    errorElement: <RouteError />,
    lazy: async () => ({ Component: (await import("@/features/login/LoginPage")).LoginPage }),
  },
  {
    element: (
      <RequireSignIn>
        <Shell />
      </RequireSignIn>
    ),
    errorElement: <RouteError />,
    hydrateFallbackElement: <></>,
    children: [
      { index: true, element: <StartPage /> },
      { path: "/live", lazy: async () => ({ Component: (await import("@/features/live/LivePage")).LivePage }) },
      {
        path: "/playback",
        lazy: async () => ({ Component: (await import("@/features/playback/PlaybackPage")).PlaybackPage }),
      },
      { path: "/events", lazy: async () => ({ Component: (await import("@/features/events/EventsPage")).EventsPage }) },
      {
        path: "/events/alarms",
        lazy: async () => ({ Component: (await import("@/features/events/AlarmsPage")).AlarmsPage }),
      },
      {
        path: "/events/monitoring",
        lazy: async () => ({ Component: (await import("@/features/events/MonitoringPage")).MonitoringPage }),
      },
      {
        path: "/search",
        lazy: async () => ({ Component: (await import("@/features/search/SearchPage")).SearchPage }),
      },
      {
        path: "/search/detections",
        lazy: async () => ({ Component: (await import("@/features/search/DetectionsPage")).DetectionsPage }),
      },
      {
        path: "/search/counts",
        lazy: async () => ({ Component: (await import("@/features/search/CountsPage")).CountsPage }),
      },
      { path: "/clips", lazy: async () => ({ Component: (await import("@/features/clips/ClipsPage")).ClipsPage }) },
      {
        path: "/cameras",
        lazy: async () => ({ Component: (await import("@/features/cameras/CamerasPage")).CamerasPage }),
      },
      {
        path: "/cameras/find",
        lazy: async () => ({ Component: (await import("@/features/discovery/FindPage")).FindPage }),
      },
      {
        path: "/cameras/devices",
        lazy: async () => ({ Component: (await import("@/features/devices/DevicesPage")).DevicesPage }),
      },
      {
        path: "/cameras/recorders",
        lazy: async () => ({ Component: (await import("@/features/nvr/RecordersPage")).RecordersPage }),
      },
      {
        path: "/cameras/recorders/:id",
        lazy: async () => ({ Component: (await import("@/features/nvr/RecorderPage")).RecorderPage }),
      },
      {
        path: "/cameras/:id",
        lazy: async () => ({ Component: (await import("@/features/camera/CameraPage")).CameraPage }),
      },
      {
        path: "/cameras/:id/analytics",
        lazy: async () => ({ Component: (await import("@/features/analytics/AnalyticsPage")).AnalyticsPage }),
      },
      {
        path: "/cameras/others/:server/:id",
        lazy: async () => ({ Component: (await import("@/features/servers/PeerCameraPage")).PeerCameraPage }),
      },
      {
        path: "/exports",
        lazy: async () => ({ Component: (await import("@/features/exports/ExportsPage")).ExportsPage }),
      },
      { path: "/sites", lazy: async () => ({ Component: (await import("@/features/sites/SitesPage")).SitesPage }) },
      { path: "/system", lazy: async () => ({ Component: (await import("@/features/health/HealthPage")).HealthPage }) },
      {
        path: "/settings",
        lazy: async () => ({ Component: (await import("@/features/settings/SettingsPage")).SettingsPage }),
        children: [
          { index: true, element: <Navigate to="/settings/account" replace /> },
          {
            path: "account",
            lazy: async () => ({ Component: (await import("@/features/settings/AccountPage")).AccountPage }),
          },
          {
            path: "notifications",
            lazy: async () => ({
              Component: (await import("@/features/notifications/NotificationsPage")).NotificationsPage,
            }),
          },
          {
            path: "tenants",
            lazy: async () => ({ Component: (await import("@/features/tenants/TenantsPage")).TenantsPage }),
          },
          {
            path: "users",
            lazy: async () => ({ Component: (await import("@/features/people/UsersPage")).UsersPage }),
          },
          {
            path: "groups",
            lazy: async () => ({ Component: (await import("@/features/people/GroupsPage")).GroupsPage }),
          },
          {
            path: "roles",
            lazy: async () => ({ Component: (await import("@/features/people/RolesPage")).RolesPage }),
          },
          {
            path: "sessions",
            lazy: async () => ({ Component: (await import("@/features/people/SessionsPage")).SessionsPage }),
          },
          {
            path: "api-keys",
            lazy: async () => ({ Component: (await import("@/features/apiKeys/ApiKeysPage")).ApiKeysPage }),
          },
          {
            path: "rules",
            lazy: async () => ({ Component: (await import("@/features/rules/RulesPage")).RulesPage }),
          },
          {
            path: "rules/:id",
            lazy: async () => ({ Component: (await import("@/features/rules/RulePage")).RulePage }),
          },
          {
            path: "integrations",
            lazy: async () => ({
              Component: (await import("@/features/integrations/IntegrationsPage")).IntegrationsPage,
            }),
          },
          {
            path: "audit",
            lazy: async () => ({ Component: (await import("@/features/audit/AuditPage")).AuditPage }),
          },
          {
            path: "plate-lists",
            lazy: async () => ({ Component: (await import("@/features/plateLists/PlateListsPage")).PlateListsPage }),
          },
          {
            path: "servers",
            lazy: async () => ({ Component: (await import("@/features/servers/ServersPage")).ServersPage }),
          },
          {
            path: "servers/events",
            lazy: async () => ({
              Component: (await import("@/features/servers/FederatedEventsPage")).FederatedEventsPage,
            }),
          },
        ],
      },
      { path: "*", lazy: async () => ({ Component: (await import("./NotFound")).NotFound }) },
    ],
  },
]);
