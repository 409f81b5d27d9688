using System.Security.Cryptography.X509Certificates;

namespace Vms.Bus;

/// <summary>How to reach the NATS server and where the bounds are.</summary>
public sealed record BusOptions
{
    /// <summary>
    /// <c>nats://[user:password@|token@]host[:port]</c>; <c>tls://</c> insists on TLS. Several servers of one cluster are
    /// separated by commas and tried in turn.
    /// </summary>
    public required string Url { get; init; }

    /// <summary>Shown by the server's monitoring.</summary>
    public required string ClientName { get; init; }

    public BusTlsOptions Tls { get; init; } = new();

    /// <summary>A connection that leaves two pings unanswered is given up.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For TCP, TLS and log-in together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>First wait between attempts; doubles up to <see cref="ReconnectDelayMax"/>, half of it random.</summary>
    public TimeSpan ReconnectDelayMin { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan ReconnectDelayMax { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Ceiling of what waits to be sent. While connected, a publish beyond it waits; while disconnected it fails with
    /// <see cref="BusErrorKind.ResourceExhausted"/>.
    /// </summary>
    public int PendingBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>Messages and bytes a subscription keeps for a slow reader; the newest are dropped and counted beyond that.</summary>
    public int SubscriptionMessagesMax { get; init; } = 8192;

    public int SubscriptionBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>One try of a JetStream request or publish.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>All tries of a JetStream publish together. Keep it below the stream's duplicate window.</summary>
    public TimeSpan PublishTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an ordered stop may take to send what is pending.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>Validation of the server and, where it asks for one, our certificate.</summary>
public sealed record BusTlsOptions
{
    /// <summary>Only these roots are trusted; the system's when null.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>Decides alone whether the server's certificate is the right one, whatever its name and authority; the chain decides when null.</summary>
    public Func<X509Certificate2, bool>? Accepts { get; init; }

    /// <summary>With private key; for servers that verify clients.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Name expected in the certificate; the URL's host when null.</summary>
    public string? ServerName { get; init; }
}
