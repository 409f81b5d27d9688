using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Features.LiveFeed;

namespace Vms.Control.Integrations.Push;

/// <summary>What a user is told. The body of an item of the channel <c>push</c>.</summary>
/// <param name="Type">Of the event.</param>
/// <param name="Url">Of the page of the web client that shows it: a path.</param>
internal sealed record Notification(string? Title, string? Text, string? Type, string? CameraId, string? SiteId, string? Url);

/// <summary>Tells a user in the windows that are open and on the browsers that have subscribed, as the user's preferences say.</summary>
internal sealed class Notifier(NpgsqlDataSource database, RightsState rights, FeedHub hub, PushSender sender, TimeProvider time)
{
    private const int MaxTitle = 120;
    private const int MaxText = 500;
    private const int MaxUrl = 300;

    /// <param name="id">The same again replaces what was shown.</param>
    /// <param name="always">Whatever the preferences say: the user wants to try it.</param>
    /// <returns>How many browsers were told, and why others were not.</returns>
    public async Task<(int Told, IReadOnlyList<string> Failures)> TellAsync(
        Guid accountId, string id, DateTimeOffset at, Notification what, bool always, CancellationToken cancellationToken)
    {
        if (rights.Current?.Find(accountId) is not { Enabled: true, IsApiKey: false } who)
            return (0, []);
        // It may have been theirs to see when the rule was written.
        if (what.CameraId is not null && !who.Rights.Sees(Permissions.EventsRead, what.CameraId, what.SiteId))
            return (0, []);
        var preferences = await NotificationPreferences.ReadAsync(database, accountId, cancellationToken);
        if (!always && !preferences.Want(what.Type ?? "", what.CameraId, time.GetUtcNow()))
            return (0, []);

        var message = new NotificationMessage(id, at, Cut(what.Title, MaxTitle) ?? "VMS", Cut(what.Text, MaxText) ?? "", what.Type, what.CameraId, PathOf(what.Url));
        if (preferences.Desktop || always)
            hub.PublishTo(message, accountId, unless: _ => false);
        if (!preferences.Push && !always)
            return (0, []);
        var (payload, topic) = (JsonSerializer.Serialize(message, JsonSerializerOptions.Web), TopicOf(id));
        var browsers = await PushSubscriptionRow.OfAsync(database, accountId, cancellationToken);
        var failures = await Task.WhenAll(browsers.Select(b => sender.SendAsync(b, payload, topic, cancellationToken)));
        return (failures.Count(f => f is null), [.. failures.OfType<string>()]);
    }

    private static string? Cut(string? text, int most)
    {
        if (text is null || text.Length <= most)
            return text;
        var end = char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
        return text[..end];
    }

    /// <summary>Of our own pages alone: a click leads nowhere else. Browsers read a backslash as a slash, and leave out control characters.</summary>
    private static string? PathOf(string? url) =>
        url is { Length: <= MaxUrl } && url.StartsWith('/') && !url.StartsWith("//", StringComparison.Ordinal) && !url.Any(c => c is '\\' || char.IsControl(c)) ? url : null;

    /// <summary>RFC 8030 §5.4: 32 characters at most.</summary>
    private static string TopicOf(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..32];
}
