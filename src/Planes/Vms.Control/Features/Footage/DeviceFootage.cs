using System.Net;
using System.Net.Sockets;
using Vms.Control.Devices.Onvif;
using Vms.Control.Jobs;
using Vms.Hosting;
using Vms.Onvif.Recordings;
using Vms.Onvif.Soap;

namespace Vms.Control.Features.Footage;

/// <summary>Where a device plays what it has recorded, and by how much its clock is off.</summary>
/// <param name="ClockOffset">Its clock minus ours.</param>
internal sealed record DeviceReplay(string Url, TimeSpan ClockOffset);

/// <summary>Nobody answers at the device's address, or not in time: it may do so later.</summary>
internal sealed class DeviceAwayException(string code, string detail) : Exception(detail)
{
    public const string Unreachable = "unreachable";
    public const string TimedOut = "timeout";

    /// <summary>Stable: one of the above.</summary>
    public string Code => code;
}

/// <summary>Asks a camera's device by ONVIF (Profile G) where its recordings are played. Any thread.</summary>
internal sealed class DeviceFootage(CameraAddresses addresses, OnvifClientOptions options, TimeProvider time)
{
    private const int HttpPort = 80;
    private const int HttpsPort = 443;

    /// <summary>A search that finds nothing more for so many answers is over, whatever it says.</summary>
    private const int MaxAnswers = 20;

    /// <summary>All questions together.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <param name="host">Of the camera's stream.</param>
    /// <param name="port">Of its web server; null: 80.</param>
    /// <param name="certificateSha256">Of the only certificate that is taken over https; null: any.</param>
    /// <param name="recording">Token of the recording, for devices that have several; null: the one that there is.</param>
    /// <exception cref="JobFailedException">It has none.</exception>
    /// <exception cref="DeviceAwayException">It does not answer.</exception>
    public async Task<DeviceReplay> FindAsync(
        string host, int? port, OnvifCredentials? credentials, string? certificateSha256, string cameraName, string? recording, DateTimeOffset from, DateTimeOffset to,
        CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(s_patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var client = new OnvifClient(ServiceOf(await AddressAsync(host, port ?? HttpPort, both.Token), port ?? HttpPort), credentials, options with { CertificateSha256 = certificateSha256 ?? options.CertificateSha256 }, time);
            Value(await client.ConnectAsync(both.Token));
            if (!client.Has(OnvifService.Replay))
                throw new JobFailedException("noReplay", "The device plays no recordings by ONVIF.");
            var offset = client.ClockOffset ?? TimeSpan.Zero;
            var token = recording ?? (await ChooseAsync(client, cameraName, from + offset, to + offset, both.Token)).Token;
            var told = Value(await client.CallAsync(ReplayCalls.GetReplayUri(token), both.Token));
            var url = ServiceAddress.Stream(told, client.Device) ?? throw new JobFailedException("noReplay", "The device tells no RTSP address of its recordings.");
            return new DeviceReplay(url.OriginalString, offset);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeviceAwayException(DeviceAwayException.TimedOut, "The device took too long to say what it has recorded.");
        }
    }

    private static async Task<DeviceRecording> ChooseAsync(OnvifClient client, string cameraName, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var search = Value(await client.CallAsync(RecordingSearch.Find, cancellationToken));
        var found = new List<DeviceRecording>();
        for (int i = 0; i < MaxAnswers && found.Count < RecordingSearch.MaxRecordings; i++)
        {
            var results = Value(await client.CallAsync(RecordingSearch.GetResults(search), cancellationToken));
            found.AddRange(results.Recordings);
            if (results.IsComplete)
                break;
        }

        return Choose(found, cameraName, from, to);
    }

    /// <summary>The one with video that reaches into the time; of several the one whose source is named like the camera.</summary>
    /// <exception cref="JobFailedException">There is none, or nothing tells which.</exception>
    internal static DeviceRecording Choose(IReadOnlyList<DeviceRecording> found, string cameraName, DateTimeOffset from, DateTimeOffset to)
    {
        var video = found.Where(r => r.HasVideo).ToList();
        var fitting = video.Where(r => r.Reaches(from, to)).ToList();
        if (fitting.Count > 1)
            fitting = fitting.Where(r => r.SourceName.Equals(cameraName, StringComparison.OrdinalIgnoreCase)).ToList() is { Count: 1 } named ? named : fitting;
        return fitting.Count switch
        {
            1 => fitting[0],
            0 => throw new JobFailedException("noFootage", video.Count == 0 ? "The device has recorded no video." : "The device has no recording of this time."),
            _ => throw new JobFailedException(
                "severalRecordings", $"The device has {fitting.Count} recordings of this time; say which with recordingToken: {string.Join(", ", fitting.Take(10).Select(r => r.Token))}."),
        };
    }

    private async Task<IPAddress> AddressAsync(string host, int port, CancellationToken cancellationToken)
    {
        try
        {
            var address = IPAddress.TryParse(host, out var literal) ? literal : (await Dns.GetHostAddressesAsync(host, cancellationToken)).FirstOrDefault();
            if (address is not null)
                return addresses.Refusal(address, port) is { } refusal ? throw new JobFailedException(CameraAddresses.NotAllowed, refusal + ".") : address;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // As a name that nobody knows.
        }

        throw new DeviceAwayException(DeviceAwayException.Unreachable, $"Nobody knows the name {host}.");
    }

    /// <summary>The address that was looked at, not the name: it could lead elsewhere the next time.</summary>
    private static Uri ServiceOf(IPAddress address, int port) => new UriBuilder(
        port == HttpsPort ? Uri.UriSchemeHttps : Uri.UriSchemeHttp,
        address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString(), port, "/onvif/device_service").Uri;

    private static T Value<T>(OnvifResult<T> result)
        where T : class => result.IsSuccess ? result.Value : throw Refusal(result.Failure.Kind, result.Failure.Detail + ".");

    private static Exception Refusal(OnvifFailureKind kind, string detail) => kind switch
    {
        OnvifFailureKind.Unreachable => new DeviceAwayException(DeviceAwayException.Unreachable, detail),
        OnvifFailureKind.TimedOut => new DeviceAwayException(DeviceAwayException.TimedOut, detail),
        OnvifFailureKind.BadCredentials or OnvifFailureKind.OnlyBasicInClear => new JobFailedException("badCredentials", detail),
        OnvifFailureKind.Unsupported => new JobFailedException("noReplay", detail),
        _ => new JobFailedException("notOnvif", detail),
    };
}
