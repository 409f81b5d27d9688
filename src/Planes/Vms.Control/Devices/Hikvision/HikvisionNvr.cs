using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Vms.Codecs;
using Vms.Control.Devices.Http;
using Vms.Control.Devices.Nvr;

namespace Vms.Control.Devices.Hikvision;

/// <summary>A recorder or camera of Hikvision, or one of the many that are built from its parts, over ISAPI.</summary>
/// <param name="http">Owned by the caller.</param>
internal sealed class HikvisionNvr(DeviceHttp http) : INvr
{
    public const string DeviceInfo = "/ISAPI/System/deviceInfo";

    private const int DefaultRtspPort = 554;

    /// <summary>Heartbeats come every 10 s, from some models every 30 s.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(90);

    public NvrMaker Maker => NvrMaker.Hikvision;

    public async Task<NvrFacts> FactsAsync(CancellationToken cancellationToken)
    {
        var answer = await RequiredAsync(DeviceInfo, cancellationToken);
        return IsapiChannels.Facts(answer.Body) ?? throw NotUnderstood(answer);
    }

    public async Task<IReadOnlyList<NvrChannel>> ChannelsAsync(CancellationToken cancellationToken)
    {
        var proxies = await ProxiesAsync(cancellationToken);
        var answer = await RequiredAsync("/ISAPI/Streaming/channels", cancellationToken);
        var streams = IsapiChannels.Streams(answer.Body).ToList();
        if (streams.Count == 0 && proxies.Count == 0)
            throw NotUnderstood(answer);

        // Hybrid recorders list their sockets here, and the cameras of the network apart.
        if (proxies.Any(proxy => !streams.Exists(stream => IsOf(stream, proxy))) && await OptionalAsync("/ISAPI/ContentMgmt/StreamingProxy/channels", cancellationToken) is { } more)
            streams.AddRange(IsapiChannels.Streams(more).Where(stream => !streams.Exists(known => known.Id == stream.Id)));
        var inputs = streams.Exists(stream => !proxies.Any(proxy => IsOf(stream, proxy)))
            && await OptionalAsync("/ISAPI/System/Video/inputs/channels", cancellationToken, orClosed: true) is { } document ? IsapiChannels.VideoInputs(document) : [];

        string rtsp = RtspAt(streams.Find(stream => stream.RtspPort is not null)?.RtspPort ?? await RtspPortAsync(cancellationToken));
        var channels = new List<NvrChannel>();
        foreach (var proxy in proxies)
        {
            var own = streams.FindAll(stream => IsOf(stream, proxy));
            int number = own.Count > 0 ? own[0].Channel : proxy.StreamIds.Count > 0 ? proxy.StreamIds[0] / 100 : proxy.Id;
            channels.Add(new NvrChannel(number, proxy.Name.Length > 0 ? proxy.Name : NameOf(own, number), proxy.Online, UrlsOf(own, number, rtsp)));
            streams.RemoveAll(own.Contains);
        }

        foreach (var own in streams.GroupBy(stream => stream.Channel))
        {
            var input = inputs.FirstOrDefault(i => i.Id == own.Key);
            channels.Add(new NvrChannel(own.Key, input is { Name.Length: > 0 } ? input.Name : NameOf(own, own.Key), input?.Online, UrlsOf([.. own], own.Key, rtsp)));
        }

        return [.. channels.DistinctBy(channel => channel.Number).OrderBy(channel => channel.Number).Take(NvrChannel.MaxChannels)];
    }

    public async Task<IReadOnlyList<NvrInput>> InputsAsync(CancellationToken cancellationToken)
    {
        if (await OptionalAsync("/ISAPI/System/IO/inputs", cancellationToken, orClosed: true) is not { } document || IsapiChannels.Inputs(document) is not { Count: > 0 } inputs)
            return [];
        var states = await OptionalAsync("/ISAPI/System/IO/status", cancellationToken, orClosed: true) is { } status ? IsapiChannels.InputStates(status) : new Dictionary<int, bool>();
        return [.. inputs.Select(input => states.TryGetValue(input.Number, out bool active) ? input with { Active = active } : input)];
    }

    public async Task<NvrRecordings> RecordingsAsync(int channel, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var (zone, _) = await ClockAsync(cancellationToken);
        string rtsp = RtspAt(await RtspPortAsync(cancellationToken));
        var id = Guid.NewGuid();
        var found = new List<NvrRecording>();
        int position = 0;
        while (true)
        {
            string request = IsapiSearch.Request(id, (channel * 100) + 1, from, to, position, zone);
            var answer = Required(await http.AskAsync("/ISAPI/ContentMgmt/search", request, cancellationToken));
            var page = IsapiSearch.Read(answer.Body, channel, rtsp, zone) ?? throw NotUnderstood(answer);
            found.AddRange(page.Recordings.Where(recording => recording.End > from && recording.Start < to));
            position += page.Count;
            // A page without items ends it, whatever its status says: some firmwares say MORE for ever.
            bool hasMore = page is { HasMore: true, Count: > 0 };
            if (!hasMore || position >= NvrRecordings.MaxItems)
                return new NvrRecordings([.. found.OrderBy(recording => recording.Start)], IsComplete: !hasMore);
        }
    }

    public async Task<NvrClock> ClockAsync(CancellationToken cancellationToken) =>
        await OptionalAsync("/ISAPI/System/time", cancellationToken) is { } time ? IsapiTime.Clock(time) : new NvrClock(DeviceZone.Utc, null);

    public async IAsyncEnumerable<NvrEvent> EventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stream = await http.OpenAsync("/ISAPI/Event/notification/alertStream", cancellationToken);
        await foreach (var part in stream.PartsAsync(s_silence, cancellationToken))
        {
            if (IsapiAlert.Read(part.Body) is { } happened)
                yield return happened;
        }
    }

    private async Task<IReadOnlyList<IsapiProxy>> ProxiesAsync(CancellationToken cancellationToken)
    {
        if (await OptionalAsync("/ISAPI/ContentMgmt/InputProxy/channels", cancellationToken) is not { } channels)
            return [];
        return IsapiChannels.Proxies(channels, await OptionalAsync("/ISAPI/ContentMgmt/InputProxy/channels/status", cancellationToken));
    }

    private async Task<int> RtspPortAsync(CancellationToken cancellationToken) =>
        (await OptionalAsync("/ISAPI/Security/adminAccesses", cancellationToken, orClosed: true) is { } document ? IsapiChannels.RtspPort(document) : null) ?? DefaultRtspPort;

    private string RtspAt(int port) => port == DefaultRtspPort ? $"rtsp://{http.Address.Host}" : $"rtsp://{http.Address.Host}:{port}";

    /// <summary>By the ids that the recorder names: behind a recorder with sockets the camera of the network that comes first is not channel 1.</summary>
    private static bool IsOf(IsapiStream stream, IsapiProxy proxy) =>
        proxy.StreamIds.Count > 0 ? proxy.StreamIds.Contains(stream.Id) : stream.Channel == proxy.Id;

    private static string NameOf(IEnumerable<IsapiStream> streams, int number) =>
        streams.FirstOrDefault(stream => stream.Name.Length > 0)?.Name ?? $"Channel {number}";

    /// <summary>A recorder may know no stream of a camera that is away.</summary>
    private static NvrStream[] UrlsOf(List<IsapiStream> streams, int channel, string rtsp) => streams.Count == 0
        ? [new NvrStream(1, $"{rtsp}/Streaming/Channels/{channel}01", CodecKind.None, 0, 0)]
        :
        [
            .. from stream in streams
               where stream.IsEnabled
               orderby stream.Number
               select new NvrStream(stream.Number, $"{rtsp}/Streaming/Channels/{stream.Id}", NvrStream.CodecOf(stream.Codec), stream.Width, stream.Height),
        ];

    private async Task<DeviceAnswer> RequiredAsync(string target, CancellationToken cancellationToken) => Required(await http.AskAsync(target, cancellationToken));

    /// <summary>Null when the device does not have this function.</summary>
    /// <param name="orClosed">Also when this user may not use it: nothing is wrong without the answer.</param>
    private async Task<byte[]?> OptionalAsync(string target, CancellationToken cancellationToken, bool orClosed = false)
    {
        var answer = await http.AskAsync(target, cancellationToken);
        if (orClosed && answer.Status == HttpStatusCode.Forbidden)
            return null;
        try
        {
            return Required(answer).Body;
        }
        catch (DeviceException e) when (e.Failure == DeviceFailure.NotSupported)
        {
            return null;
        }
    }

    /// <summary>A function that the model does not have is status 403 with a reason in the body, as is one that the user may not use.</summary>
    private static DeviceAnswer Required(DeviceAnswer answer) =>
        answer.Status == HttpStatusCode.Forbidden && IsapiXml.First(answer.Body, "ResponseStatus")?["subStatusCode"] is { } reason
            && reason.StartsWith("notSupport", StringComparison.OrdinalIgnoreCase)
            ? throw new DeviceException(DeviceFailure.NotSupported, $"{answer.Place} is not supported")
            : answer.Required();

    private static DeviceException NotUnderstood(DeviceAnswer answer) =>
        new(DeviceFailure.BadAnswer, $"{answer.Place} answered what is not understood: {Beginning(answer.Body)}");

    private static string Beginning(byte[] body)
    {
        string text = Encoding.ASCII.GetString(body, 0, Math.Min(body.Length, 60));
        return string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
    }
}
