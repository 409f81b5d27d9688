using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Testing.Footage;

namespace Vms.Testing.FakeCamera;

/// <summary>A track of a fake camera beside its video: one RTP packet at a time, made from its number.</summary>
/// <param name="Media">"audio" or "application".</param>
/// <param name="PayloadType">Of RTP, not that of the video.</param>
/// <param name="Mapping">After <c>a=rtpmap</c>'s number: "PCMA/8000".</param>
/// <param name="Parameters">After <c>a=fmtp</c>'s number; null: none.</param>
/// <param name="TicksPerPacket">On the clock that <paramref name="Mapping"/> names.</param>
/// <param name="Payload">Of the n-th packet since the camera began.</param>
public sealed record SideTrack(string Media, int PayloadType, string Mapping, string? Parameters, int TicksPerPacket, Func<long, byte[]> Payload)
{
    public int ClockRate => int.Parse(Mapping.Split('/')[1], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>No media of its own at all, but described: to be left out.</summary>
    public static SideTrack Speex { get; } = new("audio", 107, "SPEEX/16000", null, 320, _ => [0]);

    /// <summary>20 ms a packet, which begins with its number.</summary>
    public static SideTrack PcmA { get; } = new("audio", 8, "PCMA/8000", null, 160, number => Numbered(number, 160));

    public static SideTrack Opus { get; } = new("audio", 111, "opus/48000/2", "sprop-stereo=1", 960, number => Numbered(number, 80));

    /// <summary>Two access units a packet; the first begins with twice the packet's number, the second with one more.</summary>
    public static SideTrack Aac { get; } = new(
        "audio", 97, "MPEG4-GENERIC/16000/1", "streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1408", 2048,
        number => [0, 32, 100 >> 5, (100 << 3) & 0xFF, 100 >> 5, (100 << 3) & 0xFF, .. Numbered(2 * number, 100), .. Numbered((2 * number) + 1, 100)]);

    /// <summary>Real sound, one frame a packet, for whoever decodes it.</summary>
    public static SideTrack Of(AudioFootage sound)
    {
        var track = sound.Track;
        var (payloadType, mapping, parameters) = track.Codec switch
        {
            CodecKind.PcmA => (8, "PCMA/8000", null),
            CodecKind.PcmU => (0, "PCMU/8000", null),
            CodecKind.Opus => (111, "opus/48000/2", "sprop-stereo=0"),
            _ => (97, $"MPEG4-GENERIC/{track.Timescale}/1",
                "streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config="
                + Convert.ToHexString(track.CodecParameters.Span)),
        };
        return new SideTrack("audio", payloadType, mapping, parameters, sound.Frames[0].Ticks, number =>
        {
            var frame = sound.Frames[(int)(number % sound.Frames.Count)].Data;
            // RFC 3640 §3.3.6: AU-headers-length in bits, then one AU header: size (13), index (3)
            return track.Codec == CodecKind.Aac
                ? [0, 16, (byte)(frame.Length >> 5), (byte)(frame.Length << 3), .. frame.Span]
                : frame.ToArray();
        });
    }

    /// <summary>A small document every second.</summary>
    public static SideTrack Metadata { get; } = new(
        "application", 108, "vnd.onvif.metadata/90000", null, 90_000,
        number => System.Text.Encoding.UTF8.GetBytes($"<?xml version=\"1.0\"?><tt:MetadataStream number=\"{number}\"/>"));

    /// <summary>A document every second. The first of a period says that motion begins, a later one that it is over, as most cameras do: once each.</summary>
    public static SideTrack MotionAlarm(int everySeconds, int lastsSeconds) => Metadata with
    {
        Payload = number => System.Text.Encoding.UTF8.GetBytes(
            number % everySeconds == 0 ? MotionDocument("true")
            : number % everySeconds == lastsSeconds ? MotionDocument("false")
            : """<tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema"><tt:VideoAnalytics><tt:Frame UtcTime="2026-11-21T09:30:00Z"/></tt:VideoAnalytics></tt:MetadataStream>"""),
    };

    /// <summary>The number that a payload begins with.</summary>
    public static long NumberOf(ReadOnlySpan<byte> payload) => BinaryPrimitives.ReadInt64BigEndian(payload);

    private static string MotionDocument(string state) =>
        """<?xml version="1.0" encoding="UTF-8"?><tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2">"""
        + """<tt:Event><wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">tns1:VideoSource/MotionAlarm</wsnt:Topic>"""
        + """<wsnt:Message><tt:Message UtcTime="2026-11-21T09:30:00Z" PropertyOperation="Changed"><tt:Source><tt:SimpleItem Name="Source" Value="VideoSource_1"/></tt:Source>"""
        + $"""<tt:Data><tt:SimpleItem Name="State" Value="{state}"/></tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage></tt:Event></tt:MetadataStream>""";

    private static byte[] Numbered(long number, int length)
    {
        byte[] payload = new byte[length];
        BinaryPrimitives.WriteInt64BigEndian(payload, number);
        return payload;
    }
}
