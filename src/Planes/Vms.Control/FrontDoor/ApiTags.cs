using Microsoft.OpenApi;

namespace Vms.Control.FrontDoor;

/// <summary>What the groups of operations are about. One without a line here fails the lint.</summary>
internal static class ApiTags
{
    private static readonly Dictionary<string, string> s_descriptions = new()
    {
        ["API keys"] = "Credentials for programs.",
        ["Alarms"] = "Events that somebody has to acknowledge.",
        ["Audit"] = "Who did what, and when.",
        ["Bookmarks"] = "Marks on moments and stretches of the recordings, which are then kept for longer.",
        ["Camera groups"] = "Cameras that belong together, in groups of groups; rights can be given for them.",
        ["Cameras"] = "The cameras: what is wanted of them and how they are.",
        ["Clips"] = "Saved, named ranges of some cameras; their footage is kept.",
        ["Dashboard"] = "Everything at a glance: counts, storage, events and alerts.",
        ["Detections"] = "Objects that were seen, one row each, and what people say of them.",
        ["Devices"] = "What the devices of cameras say of themselves by ONVIF.",
        ["Discovery"] = "Looking for cameras in the network.",
        ["Events"] = "What happened, from cameras, from the product and from other programs.",
        ["Exports"] = "Recordings that leave the archive, with proof of what was recorded.",
        ["Federated"] = "Cameras and events of several servers in one answer.",
        ["Health"] = "How the product's own processes are.",
        ["Holds"] = "Footage that retention must not touch.",
        ["Imaging"] = "How a camera's picture is set: brightness, infrared filter, focus.",
        ["Integrations"] = "Services of the operator's that events are told to: an MQTT broker, RabbitMQ, a mail server.",
        ["Integrity"] = "The public key that recordings are verified with.",
        ["Jobs"] = "Long work, with its progress: it goes on after a restart, and can be cancelled.",
        ["Layouts"] = "Which cameras stand where on the wall.",
        ["Live"] = "Pictures as they come: WebRTC, MSE, HLS, DASH, MJPEG and stills.",
        ["Live feed"] = "One WebSocket for camera state, events and signalling; its messages stand in docs/ref/live-feed.md.",
        ["Notifications"] = "How one's own account is told what happened: web push, and in the open windows.",
        ["Outbox"] = "What could not be delivered to others, to be tried again or deleted.",
        ["PTZ"] = "Moving a camera: pan, tilt, zoom and presets.",
        ["Plate lists"] = "Plates that rules ask for.",
        ["Playback"] = "The archive: timeline, playlists, clips, previews and the search for motion.",
        ["Recording"] = "Recording by hand, whatever a camera's mode.",
        ["Recorders"] = "Recorders of other makers, whose channels are cameras.",
        ["Relays"] = "Contacts that a camera switches: a light, a siren, a door.",
        ["Roles"] = "Sets of permissions: those built in, and the installation's own.",
        ["Rules"] = "What is done when something happens.",
        ["Sensors"] = "Other programs that report events over the bus, with accounts of their own.",
        ["Servers"] = "Other installations whose cameras and events are shown here, too.",
        ["Session"] = "Signing in, staying signed in, signing out.",
        ["Sessions"] = "Who is signed in, from where, and ending that.",
        ["Setup"] = "The first administrator.",
        ["Sites"] = "Where cameras are.",
        ["Tenants"] = "Organisations that share an installation and see nothing of each other.",
        ["Tickets"] = "Short-lived rights for addresses that cannot carry a header.",
        ["User groups"] = "Groups of users that share their roles.",
        ["Users"] = "Accounts of people, and what they may do where.",
        ["Webhooks"] = "Addresses of other programs that are told what happened, with a signature.",
    };

    public static void Describe(OpenApiDocument document)
    {
        foreach (var tag in document.Tags ?? new HashSet<OpenApiTag>())
            tag.Description = s_descriptions.GetValueOrDefault(tag.Name ?? "");
    }
}
