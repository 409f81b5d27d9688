using System.Globalization;
using Vms.Codecs;
using Vms.Control.Devices.Nvr;

namespace Vms.Control.Devices.Dahua;

/// <summary>One stream of a channel as the encoder is set.</summary>
/// <param name="Subtype">0: main stream; as in the stream's URL.</param>
internal sealed record DahuaStream(int Subtype, CodecKind Codec, int Width, int Height);

/// <summary>What Dahua's CGI says of a device and its channels. Sans-IO. Channels are counted from 0 in answers, and from 1 in URLs and on the screen.</summary>
internal static class DahuaChannels
{
    private const int MaxExtraStreams = 4;

    /// <summary>magicBox getSystemInfo, getMachineName, getSoftwareVersion; the latter two may be missing. Null when the first is no such answer.</summary>
    public static NvrFacts? Facts(byte[] systemInfo, byte[]? machineName, byte[]? softwareVersion)
    {
        if (KeyValueText.Single(systemInfo, "serialNumber") is not { } serial)
            return null;
        // The name of the model is in updateSerial where deviceType is a number.
        string? type = KeyValueText.Single(systemInfo, "deviceType");
        string? model = type is null || int.TryParse(type, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? KeyValueText.Single(systemInfo, "updateSerial") ?? type : type;
        return new NvrFacts(
            NvrFacts.Cut(machineName is null ? null : KeyValueText.Single(machineName, "name")), NvrFacts.Cut(model), NvrFacts.Cut(serial),
            NvrFacts.Cut(softwareVersion is null ? null : KeyValueText.Single(softwareVersion, "version")), MacAddress: "");
    }

    /// <summary>configManager ChannelTitle: names by channel.</summary>
    public static IReadOnlyDictionary<int, string> Titles(byte[] answer)
    {
        var titles = new Dictionary<int, string>();
        var lines = new KeyValueText(answer);
        while (lines.Next())
        {
            var key = lines.Key;
            if (key.Take("table") && key.Take("ChannelTitle", NvrChannel.MaxChannels, out int channel) && key.Take("Name") && key.IsEnd)
                titles[channel] = NvrFacts.Cut(lines.Text);
        }

        return titles;
    }

    /// <summary>configManager Encode: the streams of each channel that are switched on, in the order of their subtypes.</summary>
    public static IReadOnlyDictionary<int, IReadOnlyList<DahuaStream>> Streams(byte[] answer)
    {
        var drafts = new SortedDictionary<(int Channel, int Subtype), Draft>();
        var lines = new KeyValueText(answer);
        while (lines.Next())
        {
            var key = lines.Key;
            if (!key.Take("table") || !key.Take("Encode", NvrChannel.MaxChannels, out int channel))
                continue;
            // MainFormat has one setting for each reason to record (0: by schedule), ExtraFormat one for each further stream.
            int subtype = 0;
            if (!key.Take("MainFormat", 1, out _))
            {
                if (!key.Take("ExtraFormat", MaxExtraStreams, out int extra))
                    continue;
                subtype = extra + 1;
            }

            drafts.TryGetValue((channel, subtype), out var draft);
            if (key.Take("VideoEnable") && key.IsEnd)
                draft.IsOff = !lines.IsTrue;
            else if (key.Take("Video"))
                TakeVideo(ref draft, key, lines);
            drafts[(channel, subtype)] = draft;
        }

        return drafts.Where(d => !d.Value.IsOff).GroupBy(d => d.Key.Channel).ToDictionary(
            channel => channel.Key,
            channel => (IReadOnlyList<DahuaStream>)[.. channel.Select(d => new DahuaStream(d.Key.Subtype, d.Value.Codec, d.Value.Width, d.Value.Height))]);
    }

    /// <summary>configManager RemoteDevice: whether a channel's place is taken by a camera of the network. A channel that is not in here has a socket of its own.</summary>
    public static IReadOnlyDictionary<int, bool> RemoteDevices(byte[] answer)
    {
        var taken = new Dictionary<int, bool>();
        var lines = new KeyValueText(answer);
        while (lines.Next())
        {
            var key = lines.Key;
            if (key.Take("table") && key.Take("RemoteDevice") && key.TakeNumbered("uuid:System_CONFIG_NETCAMERA_INFO_", NvrChannel.MaxChannels, out int channel)
                && key.Take("Enable") && key.IsEnd)
            {
                taken[channel] = lines.IsTrue;
            }
        }

        return taken;
    }

    /// <summary>eventManager getEventIndexes: the channels at which something goes on.</summary>
    public static IReadOnlySet<int> Indexes(byte[] answer)
    {
        var channels = new HashSet<int>();
        var lines = new KeyValueText(answer);
        while (lines.Next())
        {
            var key = lines.Key;
            if (key.Take("channels", NvrChannel.MaxChannels, out _) && key.IsEnd && lines.Number is >= 0 and < NvrChannel.MaxChannels and int channel)
                channels.Add(channel);
        }

        return channels;
    }

    /// <summary>configManager Alarm: names by input.</summary>
    public static IReadOnlyDictionary<int, string> InputNames(byte[] answer)
    {
        var names = new Dictionary<int, string>();
        var lines = new KeyValueText(answer);
        while (lines.Next())
        {
            var key = lines.Key;
            if (key.Take("table") && key.Take("Alarm", NvrChannel.MaxChannels, out int input) && key.Take("Name") && key.IsEnd)
                names[input] = NvrFacts.Cut(lines.Text);
        }

        return names;
    }

    /// <summary>"result=4"; null when there is none, or it is no count.</summary>
    public static int? Count(byte[] answer) =>
        int.TryParse(KeyValueText.Single(answer, "result"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? Math.Min(count, NvrChannel.MaxChannels) : null;

    /// <summary>"result=3": a bit for each input; null when there is none.</summary>
    public static ulong? Bits(byte[] answer) =>
        ulong.TryParse(KeyValueText.Single(answer, "result"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong bits) ? bits : null;

    /// <summary>configManager RTSP: its port; null when it does not say.</summary>
    public static int? RtspPort(byte[] answer)
    {
        var lines = new KeyValueText(answer);
        while (lines.Next())
        {
            var key = lines.Key;
            if (key.Take("table") && key.Take("RTSP") && key.Take("Port") && key.IsEnd && lines.Number is > 0 and <= ushort.MaxValue and int port)
                return port;
        }

        return null;
    }

    private static void TakeVideo(ref Draft draft, KeyPath key, in KeyValueText line)
    {
        if (key.Take("Compression"))
            draft.Codec = NvrStream.CodecOf(line.Text);
        else if (key.Take("Width"))
            draft.Width = SideOf(line.Number);
        else if (key.Take("Height"))
            draft.Height = SideOf(line.Number);
        else if (key.Take("resolution") && draft.Width == 0)        // older firmwares have only this: "1920x1080"
            TakeResolution(ref draft, line.Text);
    }

    private static void TakeResolution(ref Draft draft, string text)
    {
        string[] sides = text.Split('x');
        if (sides.Length == 2 && int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out int width)
            && int.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out int height))
        {
            (draft.Width, draft.Height) = (SideOf(width), SideOf(height));
        }
    }

    private static int SideOf(int? pixels) => pixels is > 0 and <= NvrStream.MaxSide and int side ? side : 0;

    private struct Draft
    {
        public bool IsOff;
        public CodecKind Codec;
        public int Width;
        public int Height;
    }
}
