using Vms.Control.Devices.Nvr;

namespace Vms.Control.Devices.Hikvision;

/// <summary>A camera on the network that a recorder pulls.</summary>
/// <param name="StreamIds">Of its streams; empty where the firmware does not say.</param>
internal sealed record IsapiProxy(int Id, string Name, bool? Online, IReadOnlyList<int> StreamIds);

/// <summary>A socket for an analog camera.</summary>
internal sealed record IsapiVideoInput(int Id, string Name, bool? Online);

/// <summary>A stream, by the number that is also in its URL: 101 is the main stream of channel 1, 102 its sub stream. Old cameras count 1, 2.</summary>
internal sealed record IsapiStream(int Id, string Name, bool IsEnabled, int? RtspPort, string? Codec, int Width, int Height)
{
    /// <summary>No stream of the largest recorders is beyond.</summary>
    public const int MaxId = 99_999;

    public int Channel => Id >= 100 ? Id / 100 : Id;

    public int Number => Id >= 100 ? Id % 100 : 1;
}

/// <summary>What ISAPI says of a device and its channels. Sans-IO: documents in, values out.</summary>
internal static class IsapiChannels
{
    /// <summary>/ISAPI/System/deviceInfo; null when that is no such document.</summary>
    public static NvrFacts? Facts(byte[] document) =>
        IsapiXml.First(document, "DeviceInfo") is { } item && item["model"] is { } model
            ? new NvrFacts(NvrFacts.Cut(item["deviceName"]), NvrFacts.Cut(model), NvrFacts.Cut(item["serialNumber"]), NvrFacts.Cut(FirmwareOf(item)), NvrFacts.Cut(item["macAddress"]))
            : null;

    /// <summary>/ISAPI/ContentMgmt/InputProxy/channels and …/status; the latter may be missing.</summary>
    public static IReadOnlyList<IsapiProxy> Proxies(byte[] channels, byte[]? status)
    {
        var states = status is null ? [] : Items(status, "InputProxyChannelStatus");
        var proxies = new List<IsapiProxy>();
        foreach (var item in Items(channels, "InputProxyChannel"))
        {
            if (item.Number("id") is not (> 0 and <= IsapiStream.MaxId / 100 and int id) || proxies.Count == NvrChannel.MaxChannels)
                continue;
            var state = states.Find(s => s.Number("id") == id);
            proxies.Add(new IsapiProxy(
                id, NvrFacts.Cut(item["name"]), state?.Flag("online"),
                [.. (state?.Numbers("streamingProxyChannelId") ?? []).Where(streamId => streamId is >= 100 and <= IsapiStream.MaxId)]));
        }

        return proxies;
    }

    /// <summary>/ISAPI/System/Video/inputs/channels.</summary>
    public static IReadOnlyList<IsapiVideoInput> VideoInputs(byte[] document) =>
    [
        .. from item in Items(document, "VideoInputChannel").Take(NvrChannel.MaxChannels)
           let id = item.Number("id") ?? 0
           where id is > 0 and <= IsapiStream.MaxId / 100
           select new IsapiVideoInput(
               id, NvrFacts.Cut(item["name"]), item["resDesc"] is { Length: > 0 } seen ? !seen.Equals("NO VIDEO", StringComparison.OrdinalIgnoreCase) : null),
    ];

    /// <summary>/ISAPI/Streaming/channels, and /ISAPI/ContentMgmt/StreamingProxy/channels where the cameras of a recorder are in a list of their own.</summary>
    public static IReadOnlyList<IsapiStream> Streams(byte[] document)
    {
        var items = Items(document, "StreamingChannel");
        if (items.Count == 0)
            items = Items(document, "StreamingProxyChannel");
        return
        [
            .. from item in items
               let id = item.Number("id") ?? 0
               where id is > 0 and <= IsapiStream.MaxId
               select new IsapiStream(
                   id, NvrFacts.Cut(item["channelName"]), item.Flag("enabled") != false && item.Flag("Video/enabled") != false, PortOf(item["Transport/rtspPortNo"]),
                   item["Video/videoCodecType"], SideOf(item.Number("Video/videoResolutionWidth")), SideOf(item.Number("Video/videoResolutionHeight"))),
        ];
    }

    /// <summary>/ISAPI/Security/adminAccesses: the port that RTSP is on; null when it does not say.</summary>
    public static int? RtspPort(byte[] document) =>
        PortOf(Items(document, "AdminAccessProtocol").Find(item => "RTSP".Equals(item["protocol"], StringComparison.OrdinalIgnoreCase))?["portNo"]);

    /// <summary>/ISAPI/System/IO/inputs.</summary>
    public static IReadOnlyList<NvrInput> Inputs(byte[] document)
    {
        var items = Items(document, "IOInputPort");
        if (items.Count == 0)
            items = Items(document, "IOPort");      // firmware before 4
        return
        [
            .. from item in items.Take(NvrChannel.MaxChannels)
               let number = item.Number("id") ?? 0
               where number is > 0 and <= NvrChannel.MaxChannels
               select new NvrInput(number, NvrFacts.Cut(item["name"] ?? item["inputPortName"]), Active: null),
        ];
    }

    /// <summary>/ISAPI/System/IO/status: which inputs are active.</summary>
    public static IReadOnlyDictionary<int, bool> InputStates(byte[] document)
    {
        var states = new Dictionary<int, bool>();
        foreach (var item in Items(document, "IOPortStatus"))
        {
            if ((item.Number("ioPortID") ?? item.Number("id")) is { } number && "input".Equals(item["ioPortType"], StringComparison.OrdinalIgnoreCase) && item["ioState"] is { } state)
                states.TryAdd(number, state.Equals("active", StringComparison.OrdinalIgnoreCase));
        }

        return states;
    }

    internal static List<IsapiItem> Items(byte[] document, string name)
    {
        var items = new List<IsapiItem>();
        IsapiXml.Read(document, name, items);
        return items;
    }

    private static string FirmwareOf(IsapiItem item) =>
        item["firmwareReleasedDate"] is { Length: > 0 } released ? $"{item["firmwareVersion"]} {released}" : item["firmwareVersion"] ?? "";

    private static int? PortOf(string? text) => ushort.TryParse(text, out ushort port) && port > 0 ? port : null;

    private static int SideOf(int? pixels) => pixels is > 0 and <= NvrStream.MaxSide and int side ? side : 0;
}
