using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Vms.Codecs;
using Vms.Control.Devices.Http;
using Vms.Control.Devices.Nvr;

namespace Vms.Control.Devices.Dahua;

/// <summary>A recorder or camera of Dahua, or one that is sold by others (Amcrest, Lorex, Intelbras), over its CGI.</summary>
/// <param name="http">Owned by the caller.</param>
internal sealed class DahuaNvr(DeviceHttp http) : INvr
{
    public const string SystemInfo = "/cgi-bin/magicBox.cgi?action=getSystemInfo";

    private const int DefaultRtspPort = 554;
    private const int HeartbeatSeconds = 5;

    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(4 * HeartbeatSeconds);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);

    public NvrMaker Maker => NvrMaker.Dahua;

    public async Task<NvrFacts> FactsAsync(CancellationToken cancellationToken)
    {
        var answer = await RequiredAsync(SystemInfo, cancellationToken);
        return DahuaChannels.Facts(
            answer.Body,
            await OptionalAsync("/cgi-bin/magicBox.cgi?action=getMachineName", cancellationToken, orClosed: true),
            await OptionalAsync("/cgi-bin/magicBox.cgi?action=getSoftwareVersion", cancellationToken, orClosed: true)) ?? throw NotUnderstood(answer);
    }

    public async Task<IReadOnlyList<NvrChannel>> ChannelsAsync(CancellationToken cancellationToken)
    {
        var answer = await RequiredAsync(Config("Encode"), cancellationToken);
        var streams = DahuaChannels.Streams(answer.Body);
        if (streams.Count == 0)
            throw NotUnderstood(answer);
        var titles = await OptionalAsync(Config("ChannelTitle"), cancellationToken, orClosed: true) is { } names ? DahuaChannels.Titles(names) : new Dictionary<int, string>();
        var remote = await OptionalAsync(Config("RemoteDevice"), cancellationToken) is { } cameras ? DahuaChannels.RemoteDevices(cameras) : new Dictionary<int, bool>();
        // Some firmwares list settings for channels that the model does not have.
        int count = await OptionalAsync("/cgi-bin/devVideoInput.cgi?action=getCollect", cancellationToken, orClosed: true) is { } collect && DahuaChannels.Count(collect) is > 0 and int inputs
            ? inputs
            : NvrChannel.MaxChannels;
        var dark = await DarkAsync(cancellationToken);
        string rtsp = await RtspAsync(cancellationToken);
        return
        [
            .. from channel in Enumerable.Range(0, NvrChannel.MaxChannels)
               where channel < count && (streams.ContainsKey(channel) || titles.ContainsKey(channel)) && remote.GetValueOrDefault(channel, true)
               select new NvrChannel(
                   channel + 1, titles.GetValueOrDefault(channel) is { Length: > 0 } title ? title : $"Channel {channel + 1}", IsOnline(dark, channel),
                   [.. (streams.GetValueOrDefault(channel) ?? [new DahuaStream(0, CodecKind.None, 0, 0)]).Select(s => StreamOf(s, channel, rtsp))]),
        ];
    }

    public async Task<IReadOnlyList<NvrInput>> InputsAsync(CancellationToken cancellationToken)
    {
        if (await OptionalAsync("/cgi-bin/alarm.cgi?action=getInSlots", cancellationToken, orClosed: true) is not { } slots || DahuaChannels.Count(slots) is not (> 0 and int count))
            return [];
        var names = await OptionalAsync(Config("Alarm"), cancellationToken, orClosed: true) is { } alarm ? DahuaChannels.InputNames(alarm) : new Dictionary<int, string>();
        ulong? active = await OptionalAsync("/cgi-bin/alarm.cgi?action=getInState", cancellationToken, orClosed: true) is { } states ? DahuaChannels.Bits(states) : null;
        return
        [
            .. Enumerable.Range(0, count).Select(i => new NvrInput(
                i + 1, names.GetValueOrDefault(i) is { Length: > 0 } name ? name : $"Input {i + 1}", i < 64 && active is { } bits ? ((bits >> i) & 1) != 0 : null)),
        ];
    }

    public async Task<NvrRecordings> RecordingsAsync(int channel, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var zone = await ZoneAsync(cancellationToken);
        string rtsp = await RtspAsync(cancellationToken);
        var created = await RequiredAsync("/cgi-bin/mediaFileFind.cgi?action=factory.create", cancellationToken);
        if (!uint.TryParse(KeyValueText.Single(created.Body, "result"), NumberStyles.None, CultureInfo.InvariantCulture, out uint finder))
            throw NotUnderstood(created);
        try
        {
            await RequiredAsync(
                $"/cgi-bin/mediaFileFind.cgi?action=findFile&object={finder}&condition.Channel={channel}&condition.StartTime={Escaped(from, zone)}"
                    + $"&condition.EndTime={Escaped(to, zone)}&condition.Types[0]=dav&condition.VideoStream=Main",
                cancellationToken);
            return await FilesAsync(finder, channel, from, to, zone, rtsp, cancellationToken);
        }
        finally
        {
            await ForgetAsync(finder);
        }
    }

    public async Task<NvrClock> ClockAsync(CancellationToken cancellationToken)
    {
        var zone = await ZoneAsync(cancellationToken);
        var told = await OptionalAsync("/cgi-bin/global.cgi?action=getCurrentTime", cancellationToken, orClosed: true);
        return new NvrClock(zone, told is not null && KeyValueText.Single(told, "result") is { } text ? DahuaTime.Read(text, zone) : null);
    }

    public async IAsyncEnumerable<NvrEvent> EventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stream = await http.OpenAsync(
            $"/cgi-bin/eventManager.cgi?action=attach&codes=[VideoMotion,AlarmLocal]&heartbeat={HeartbeatSeconds}", cancellationToken);
        await foreach (var part in stream.PartsAsync(s_silence, cancellationToken))
        {
            if (DahuaEvent.Read(part.Body) is { } happened)
                yield return happened;
        }
    }

    private async Task<DeviceZone> ZoneAsync(CancellationToken cancellationToken) => await OptionalAsync(Config("NTP"), cancellationToken) is { } ntp
        ? DahuaTime.Zone(ntp, await OptionalAsync(Config("Locales"), cancellationToken))
        : DeviceZone.Utc;

    private static string Config(string name) => "/cgi-bin/configManager.cgi?action=getConfig&name=" + name;

    private static string Escaped(DateTimeOffset time, DeviceZone zone) => Uri.EscapeDataString(DahuaTime.Write(time, zone));

    private static bool? IsOnline(IReadOnlySet<int>? dark, int channel) => dark is null ? null : !dark.Contains(channel);

    private static NvrStream StreamOf(DahuaStream stream, int channel, string rtsp) =>
        new(stream.Subtype + 1, $"{rtsp}/cam/realmonitor?channel={channel + 1}&subtype={stream.Subtype}", stream.Codec, stream.Width, stream.Height);

    /// <summary>The channels without a picture; null when the device does not say.</summary>
    private async Task<IReadOnlySet<int>?> DarkAsync(CancellationToken cancellationToken)
    {
        var answer = await http.AskAsync("/cgi-bin/eventManager.cgi?action=getEventIndexes&code=VideoLoss", cancellationToken);
        // That there is none is an error to it, "No Events", with status 200 or 400.
        if (KeyValueText.IsError(answer.Body))
            return answer.Body.AsSpan().IndexOf("No Events"u8) >= 0 ? new HashSet<int>() : null;
        return answer.IsGood ? DahuaChannels.Indexes(answer.Body) : null;
    }

    /// <summary>Page by page until one is empty: some firmwares give less than was asked for though there is more.</summary>
    private async Task<NvrRecordings> FilesAsync(
        uint finder, int channel, DateTimeOffset from, DateTimeOffset to, DeviceZone zone, string rtsp, CancellationToken cancellationToken)
    {
        var found = new List<NvrRecording>();
        int seen = 0;
        while (true)
        {
            var answer = await RequiredAsync($"/cgi-bin/mediaFileFind.cgi?action=findNextFile&object={finder}&count={DahuaFiles.PageSize}", cancellationToken);
            var (files, count) = DahuaFiles.Page(answer.Body, zone);
            if (count is null)
                throw NotUnderstood(answer);
            found.AddRange(
                from file in files
                where file.End > @from && file.Start < to
                select new NvrRecording(
                    channel, file.Start, file.End,
                    $"{rtsp}/cam/playback?channel={channel}&starttime={DahuaTime.WriteForUrl(file.Start, zone)}&endtime={DahuaTime.WriteForUrl(file.End, zone)}"));
            seen += count.Value;
            if (count == 0 || seen >= NvrRecordings.MaxItems)
                return new NvrRecordings([.. found.OrderBy(recording => recording.Start)], IsComplete: count == 0);
        }
    }

    /// <summary>A device has few of these, and does not free them by itself. Also when the search was called off.</summary>
    private async Task ForgetAsync(uint finder)
    {
        using var limit = new CancellationTokenSource(s_farewell);
        try
        {
            await http.AskAsync($"/cgi-bin/mediaFileFind.cgi?action=close&object={finder}", limit.Token);
            await http.AskAsync($"/cgi-bin/mediaFileFind.cgi?action=destroy&object={finder}", limit.Token);
        }
        catch (Exception e) when (e is DeviceException or OperationCanceledException)
        {
            // It frees them when it restarts.
        }
    }

    private async Task<string> RtspAsync(CancellationToken cancellationToken)
    {
        int port = (await OptionalAsync(Config("RTSP"), cancellationToken, orClosed: true) is { } answer ? DahuaChannels.RtspPort(answer) : null) ?? DefaultRtspPort;
        return port == DefaultRtspPort ? $"rtsp://{http.Address.Host}" : $"rtsp://{http.Address.Host}:{port}";
    }

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

    private static DeviceAnswer Required(DeviceAnswer answer) =>
        answer.IsGood && KeyValueText.IsError(answer.Body) ? throw new DeviceException(DeviceFailure.NotSupported, $"{answer.Place} is not supported") : answer.Required();

    private static DeviceException NotUnderstood(DeviceAnswer answer) => new(DeviceFailure.BadAnswer, $"{answer.Place} answered what is not understood");
}
