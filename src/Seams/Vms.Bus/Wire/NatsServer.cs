using System.Globalization;

namespace Vms.Bus.Wire;

/// <summary>One server of <see cref="BusOptions.Url"/>. Printing it shows host and port, never the credentials.</summary>
internal sealed record NatsServer(string Host, int Port, bool InsistsOnTls, string? User, string? Password, string? Token)
{
    private const int DefaultPort = 4222;

    /// <exception cref="ArgumentException">Not a list of nats:// or tls:// URLs. The message holds no credentials.</exception>
    public static IReadOnlyList<NatsServer> ParseList(string urls)
    {
        var servers = urls.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse).ToArray();
        return servers.Length > 0 ? servers : throw new ArgumentException("The NATS URL is empty.", nameof(urls));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    private static NatsServer Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("nats" or "tls") || uri.Host.Length == 0)
            throw new ArgumentException("A NATS URL is written nats://[user:password@|token@]host[:port] or tls://….", nameof(url));

        var credentials = uri.UserInfo.Split(':', 2);
        var first = credentials[0].Length > 0 ? Uri.UnescapeDataString(credentials[0]) : null;
        var hasPassword = credentials.Length == 2;
        return new NatsServer(
            uri.IdnHost, uri.Port > 0 ? uri.Port : DefaultPort, uri.Scheme == "tls",
            hasPassword ? first : null, hasPassword ? Uri.UnescapeDataString(credentials[1]) : null, hasPassword ? null : first);
    }
}
