using System.Text;

namespace Vms.Control.Integrations.Mqtt;

/// <summary>Names of topics: <c>{prefix}/{site}/{server}/{camera}/{what}</c>; <c>_</c> stands for no camera and no site.</summary>
internal sealed class MqttTopics(string prefix, string serverName)
{
    private const int MaxServerLength = 32;
    private const string None = "_";

    /// <summary>Of the server's name, what may stand in a topic.</summary>
    public string Server { get; } = Safe(serverName);

    /// <summary>online or offline, retained; the broker says the latter when we are gone.</summary>
    public string Availability => Of(null, null, "availability");

    public string CommandFilter => $"{prefix}/+/{Server}/+/command/+";

    public string Of(string? siteId, string? cameraId, string what) => $"{prefix}/{siteId ?? None}/{Server}/{cameraId ?? None}/{what}";

    /// <summary>Of a topic that <see cref="CommandFilter"/> matches.</summary>
    public (string SiteId, string CameraId, string Command)? CommandOf(string topic)
    {
        var start = prefix + "/";
        return topic.StartsWith(start, StringComparison.Ordinal) && topic[start.Length..].Split('/') is [var site, var server, var camera, "command", var command] && server == Server
            ? (site, camera, command)
            : null;
    }

    /// <summary>A level or several, without wildcards: where messages may be sent.</summary>
    public static bool IsTopic(string text, int maxLength) =>
        text.Length > 0 && text.Length <= maxLength && !text.StartsWith('/') && !text.EndsWith('/') && !text.StartsWith('$')
        && text.All(c => c is not ('#' or '+') && !char.IsControl(c) && !char.IsSurrogate(c));

    private static string Safe(string name)
    {
        var safe = new StringBuilder();
        foreach (var c in name.ToLowerInvariant())
            safe.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-');
        return safe.Length == 0 ? "server" : safe.ToString(0, Math.Min(safe.Length, MaxServerLength));
    }
}
