using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Security.Authentication;
using Microsoft.Extensions.Configuration;

namespace Vms.Hosting;

/// <summary>What may come in from the network, and how: TLS, other origins, proxies, limits. Immutable.</summary>
public sealed record DoorOptions
{
    /// <summary>From the plain port to the one in TLS: 8080 and 8443, 80 and 443. Installations side by side differ in both.</summary>
    private const int HttpsDistance = 363;

    private const int DefaultWrites = 100;
    private const int DefaultStreams = 500;
    private const int DefaultEvents = 3000;
    private const int MaxPerMinute = 1_000_000;
    private const int MaxOrigins = 64;

    /// <summary>As browsers write the origin of a file, of a sandbox.</summary>
    private const string OriginOfNothing = "null";
    private const int MaxNetworks = 64;

    /// <summary>VMS_HTTPS_PORT: web client and API in TLS. 0 takes any free port; null: no TLS on any port for browsers.</summary>
    public int? HttpsPort { get; init; }

    /// <summary>The operator named it: then it has to be that one. One that was only worked out may be somebody else's, and is done without.</summary>
    public bool IsHttpsPortChosen { get; init; }

    /// <summary>VMS_TLS_MIN: the oldest version that browsers' ports speak, 1.3 unless the operator allows 1.2.</summary>
    public SslProtocols TlsVersions { get; init; } = SslProtocols.Tls13;

    /// <summary>VMS_ALLOWED_ORIGINS: web origins (<c>https://host[:port]</c>) besides the own one whose pages may use the API; <c>null</c>: of files and
    /// sandboxes.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>VMS_TRUSTED_PROXIES: who may say by <c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c> and <c>X-Forwarded-Host</c> whose request it passes
    /// on.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>VMS_RATE_WRITES: changes and logins a minute, of one account or one address; 0: no limit.</summary>
    public int WritesPerMinute { get; init; } = DefaultWrites;

    /// <summary>VMS_RATE_STREAMS: streams that are begun a minute, of one account or one address; 0: no limit.</summary>
    public int StreamsPerMinute { get; init; } = DefaultStreams;

    /// <summary>VMS_RATE_EVENTS: events that programs report and recordings that they start and stop a minute, of one account; 0: no limit.</summary>
    public int EventsPerMinute { get; init; } = DefaultEvents;

    /// <summary>VMS_CAMERA_NETWORKS: cameras are here and nowhere else; empty: anywhere but at this installation itself.</summary>
    public IReadOnlyList<IPNetwork> CameraNetworks { get; init; } = [];

    /// <summary>VMS_CAMERA_LOOPBACK: programs of this machine may be cameras.</summary>
    public bool CameraLoopback { get; init; } = true;

    /// <summary>Whether the ports for browsers speak TLS.</summary>
    public bool HasTls => HttpsPort is not null;

    /// <summary>The address is that of a proxy of the operator's.</summary>
    public bool Trusts(IPAddress? address)
    {
        if (address is null)
            return false;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return TrustedProxies.Any(n => n.Contains(plain));
    }

    /// <exception cref="ValidationException">A value cannot be used; the message names the key.</exception>
    internal static DoorOptions From(IConfiguration configuration, int httpPort)
    {
        string? https = configuration["VMS_HTTPS_PORT"] is "" ? PlaneOptions.Off : PlaneOptions.Setting(configuration, "VMS_HTTPS_PORT");
        return new DoorOptions
        {
            HttpsPort = https == PlaneOptions.Off ? null : PlaneOptions.Port(configuration, "VMS_HTTPS_PORT", HttpsBeside(httpPort)),
            IsHttpsPortChosen = https is not null,
            TlsVersions = PlaneOptions.Setting(configuration, "VMS_TLS_MIN") switch
            {
                null or "1.3" => SslProtocols.Tls13,
                "1.2" => SslProtocols.Tls12 | SslProtocols.Tls13,
                var other => throw new ValidationException($"VMS_TLS_MIN is '{other}'; expected 1.2 or 1.3"),
            },
            AllowedOrigins = Origins(configuration),
            TrustedProxies = Networks(configuration, "VMS_TRUSTED_PROXIES"),
            WritesPerMinute = PlaneOptions.Number(configuration, "VMS_RATE_WRITES", DefaultWrites, 0, MaxPerMinute),
            StreamsPerMinute = PlaneOptions.Number(configuration, "VMS_RATE_STREAMS", DefaultStreams, 0, MaxPerMinute),
            EventsPerMinute = PlaneOptions.Number(configuration, "VMS_RATE_EVENTS", DefaultEvents, 0, MaxPerMinute),
            CameraNetworks = Networks(configuration, "VMS_CAMERA_NETWORKS"),
            CameraLoopback = PlaneOptions.Setting(configuration, "VMS_CAMERA_LOOPBACK") switch
            {
                null or "on" => true,
                PlaneOptions.Off => false,
                var other => throw new ValidationException($"VMS_CAMERA_LOOPBACK is '{other}'; expected on or off"),
            },
        };
    }

    /// <summary>Any free port beside any free port; below the plain one where there is no room above.</summary>
    private static int HttpsBeside(int httpPort) =>
        httpPort == 0 ? 0 : httpPort + HttpsDistance <= IPEndPoint.MaxPort ? httpPort + HttpsDistance : httpPort - HttpsDistance;

    private static List<string> Origins(IConfiguration configuration)
    {
        var origins = new List<string>();
        foreach (string text in Words(configuration, "VMS_ALLOWED_ORIGINS", MaxOrigins))
        {
            // As browsers write it: scheme, host, port where it is not the scheme's own.
            if (text != OriginOfNothing && (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
                || !string.Equals(uri.GetLeftPart(UriPartial.Authority), text, StringComparison.OrdinalIgnoreCase)))
            {
                throw new ValidationException($"VMS_ALLOWED_ORIGINS has '{text}'; expected origins, separated by spaces: https://host or https://host:port, without a path, or null");
            }

            origins.Add(text.ToLowerInvariant());
        }

        return origins;
    }

    private static List<IPNetwork> Networks(IConfiguration configuration, string key)
    {
        var networks = new List<IPNetwork>();
        foreach (string text in Words(configuration, key, MaxNetworks))
        {
            if (IPNetwork.TryParse(text, out var network))
                networks.Add(network);
            else if (IPAddress.TryParse(text, out var address))
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else
                throw new ValidationException($"{key} has '{text}'; expected addresses and networks, separated by spaces: 10.0.0.5 10.1.0.0/16 fd00::/8");
        }

        return networks;
    }

    private static string[] Words(IConfiguration configuration, string key, int most)
    {
        var words = (PlaneOptions.Setting(configuration, key) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length <= most
            ? words
            : throw new ValidationException(string.Create(CultureInfo.InvariantCulture, $"{key} has {words.Length} entries; expected at most {most}"));
    }
}
