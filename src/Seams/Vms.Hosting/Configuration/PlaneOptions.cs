using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;

namespace Vms.Hosting;

/// <summary>What the operator set for this installation, bound once from <c>VMS_…</c> settings and validated. Immutable.</summary>
/// <remarks>Every key can also be given as <c>KEY_FILE</c>: the value is then the file's first line (secrets).</remarks>
public sealed record PlaneOptions
{
    /// <summary>What a switched-off port is set to; empty means the same.</summary>
    public const string Off = "off";

    private const int DefaultRtspConnections = 500;
    private const int MaxRtspConnections = 10_000;
    private const int MaxAddresses = 8;
    private const int MaxTranscodes = 64;
    private const int DefaultExportDays = 7;
    private const int MaxExportDays = 365;

    /// <summary>VMS_DATA: recordings, database, keys and settings. Absolute.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>VMS_RUN_DIR: sockets. Short, because a socket's path holds 107 bytes. Made by the supervisor.</summary>
    public required string RunDirectory { get; init; }

    /// <summary>VMS_BIND: address of the listeners. Loopback until the operator says otherwise.</summary>
    public required string BindAddress { get; init; }

    /// <summary>VMS_HTTP_PORT: the web client and the API.</summary>
    public required int HttpPort { get; init; }

    /// <summary>TLS, origins, proxies and limits of what comes in from the network.</summary>
    public DoorOptions Door { get; init; } = new();

    /// <summary>VMS_MEDIA_PORT: live video straight from the media plane. 0 takes any free port.</summary>
    public required int MediaPort { get; init; }

    /// <summary>VMS_PLAYBACK_PORT: the archive straight from the recorder. 0 takes any free port.</summary>
    public required int PlaybackPort { get; init; }

    /// <summary>VMS_WEBRTC_PORT: UDP (and TCP) of all WebRTC viewers. 0 takes any free port.</summary>
    public required int WebRtcPort { get; init; }

    /// <summary>VMS_RTSP_PORT: RTSP for recorders and players (TCP; UDP on the same number and the next). 0 takes any free port,
    /// null when it is off.</summary>
    public int? RtspPort { get; init; }

    /// <summary>VMS_RTSPS_PORT: the same in TLS (TCP alone). 0 takes any free port, null when it is off: unless it is set, or there is a
    /// certificate of the operator's.</summary>
    public int? RtspsPort { get; init; }

    /// <summary>VMS_TLS_CERTIFICATE: PEM file with the certificate and those between it and its root. Null: one that is self-signed.</summary>
    public string? TlsCertificate { get; init; }

    /// <summary>VMS_TLS_KEY: PEM file with its private key; null: the same file.</summary>
    public string? TlsKey { get; init; }

    /// <summary>VMS_RTSP_CONNECTIONS: RTSP clients at a time.</summary>
    public int RtspConnections { get; init; } = DefaultRtspConnections;

    /// <summary>VMS_WEBRTC_ADDRESSES: addresses under which viewers reach the WebRTC port from outside, besides the machine's own. A port of
    /// 0 is VMS_WEBRTC_PORT's number.</summary>
    public IReadOnlyList<IPEndPoint> WebRtcAddresses { get; init; } = [];

    /// <summary>VMS_ICE_SERVERS and the credentials that go with them.</summary>
    public IceServers IceServers { get; init; } = IceServers.None;

    /// <summary>VMS_TRANSCODES: videos converted for browsers at a time, by all processes of this node; 0 switches it off. A conversion takes
    /// about a processor.</summary>
    public int Transcodes { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>VMS_EXPORT_DAYS: an export's files are kept so long once it is done.</summary>
    public int ExportDays { get; init; } = DefaultExportDays;

    /// <summary>VMS_POSTGRES: Npgsql connection string. Null where the process needs no database.</summary>
    public string? Postgres { get; init; }

    /// <summary>VMS_NATS: <c>nats://[user:password@]host:port</c>.</summary>
    public string? Nats { get; init; }

    /// <summary>VMS_NATS_PORT: sensors publish their events there, in TLS, each with an account of its own. Null: it is off.</summary>
    public int? SensorPort { get; init; }

    public string KeysDirectory => Path.Combine(DataDirectory, "keys");

    /// <summary>Public part of the key that recordings are signed with, as PEM: the recorder writes it, whoever verifies reads it.</summary>
    public string IntegrityPublicKeyFile => Path.Combine(KeysDirectory, "integrity.pub");

    public string StateDirectory => Path.Combine(DataDirectory, "state");

    /// <summary>Anchor records, made by the recorder.</summary>
    public string AnchorsDirectory => Path.Combine(DataDirectory, "anchors");

    /// <summary>Exports, where the operator names no other folder.</summary>
    public string ExportsDirectory => Path.Combine(DataDirectory, "exports");

    public string RecordingsDirectory => Path.Combine(DataDirectory, "recordings");

    /// <summary>VMS_STORAGE_FILE: where <see cref="StorageSettings"/> are; null for <c>storage.json</c> in the data directory, which need not be there.</summary>
    public string? StorageFile { get; init; }

    public string StorageSettingsFile => StorageFile ?? Path.Combine(DataDirectory, StorageSettings.FileName);

    /// <summary>Local socket of a plane: <c>rpc</c> speaks gRPC, <c>http</c> health, metrics and the front door's traffic.</summary>
    public string SocketOf(string plane, string purpose) => Path.Combine(RunDirectory, "planes", $"{plane}.{purpose}.sock");

    /// <exception cref="ValidationException">A value is out of range; the message names the key and the range.</exception>
    public static PlaneOptions From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var data = Path.GetFullPath(Setting(configuration, "VMS_DATA") ?? "data");
        int httpPort = Port(configuration, "VMS_HTTP_PORT", 8080);
        return new PlaneOptions
        {
            DataDirectory = data,
            RunDirectory = Setting(configuration, "VMS_RUN_DIR") ?? RunDirectories.For(data),
            BindAddress = Setting(configuration, "VMS_BIND") ?? "127.0.0.1",
            HttpPort = httpPort,
            Door = DoorOptions.From(configuration, httpPort),
            MediaPort = Port(configuration, "VMS_MEDIA_PORT", 8081),
            PlaybackPort = Port(configuration, "VMS_PLAYBACK_PORT", 8082),
            WebRtcPort = Port(configuration, "VMS_WEBRTC_PORT", 8189),
            RtspPort = configuration["VMS_RTSP_PORT"] is "" or Off ? null : Port(configuration, "VMS_RTSP_PORT", 8554),
            RtspsPort = configuration["VMS_RTSPS_PORT"] switch
            {
                "" or Off => null,
                null when Setting(configuration, "VMS_RTSPS_PORT") is null && configuration["VMS_TLS_CERTIFICATE"] is null or "" => null,
                _ => Port(configuration, "VMS_RTSPS_PORT", 8322),
            },
            TlsCertificate = configuration["VMS_TLS_CERTIFICATE"] is { Length: > 0 } certificate ? Path.GetFullPath(certificate) : null,
            TlsKey = configuration["VMS_TLS_KEY"] is { Length: > 0 } key ? Path.GetFullPath(key) : null,
            RtspConnections = Number(configuration, "VMS_RTSP_CONNECTIONS", DefaultRtspConnections, 1, MaxRtspConnections),
            WebRtcAddresses = Addresses(configuration, "VMS_WEBRTC_ADDRESSES"),
            IceServers = IceServers.From(configuration),
            Transcodes = Number(configuration, "VMS_TRANSCODES", Math.Max(1, Environment.ProcessorCount / 2), 0, MaxTranscodes),
            ExportDays = Number(configuration, "VMS_EXPORT_DAYS", DefaultExportDays, 1, MaxExportDays),
            StorageFile = Setting(configuration, "VMS_STORAGE_FILE") is { } storage ? Path.GetFullPath(storage) : null,
            Postgres = Setting(configuration, "VMS_POSTGRES"),
            Nats = Setting(configuration, "VMS_NATS"),
            SensorPort = Setting(configuration, "VMS_NATS_PORT") is null or Off ? null : Port(configuration, "VMS_NATS_PORT", 0),
        };
    }

    /// <summary>The value of a key, or the first line of the file that <c>KEY_FILE</c> names; null when neither is set.</summary>
    public static string? Setting(IConfiguration configuration, string key)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (configuration[key] is { Length: > 0 } value)
            return value;
        if (configuration[key + "_FILE"] is not { Length: > 0 } file)
            return null;
        try
        {
            return File.ReadLines(file).FirstOrDefault()?.Trim();
        }
        catch (IOException e)
        {
            throw new ValidationException($"{key}_FILE: {file} cannot be read ({e.Message})", e);
        }
    }

    internal static int Port(IConfiguration configuration, string key, int fallback)
    {
        if (Setting(configuration, key) is not { } text)
            return fallback;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 0 and <= 65535
            ? port
            : throw new ValidationException($"{key} is '{text}'; expected a port from 0 to 65535");
    }

    internal static int Number(IConfiguration configuration, string key, int fallback, int least, int most)
    {
        if (Setting(configuration, key) is not { } text)
            return fallback;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new ValidationException($"{key} is '{text}'; expected a number from {least} to {most}");
    }

    private static List<IPEndPoint> Addresses(IConfiguration configuration, string key)
    {
        var addresses = new List<IPEndPoint>();
        foreach (var text in (Setting(configuration, key) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IPEndPoint.TryParse(text, out var address) || address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any))
                throw new ValidationException($"{key} has '{text}'; expected IP addresses, each with or without a port (203.0.113.7:8189, [2001:db8::7]:8189)");
            addresses.Add(address);
        }

        return addresses.Count <= MaxAddresses ? addresses : throw new ValidationException($"{key} has {addresses.Count} addresses; expected at most {MaxAddresses}");
    }
}
