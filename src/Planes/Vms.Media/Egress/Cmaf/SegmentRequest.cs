using System.Globalization;

namespace Vms.Media.Egress.Cmaf;

/// <summary>HLS has video and sound in one file, players of DASH want them apart.</summary>
internal enum SegmentTracks
{
    All,
    Video,
    Sound,
}

/// <summary>What a media URL's last part names.</summary>
/// <param name="Number">Of the segment; of an init segment the one that it is named after.</param>
/// <param name="Part">Null: the whole segment.</param>
internal readonly record struct SegmentRequest(bool IsInit, long Number, int? Part, SegmentTracks Tracks)
{
    public const string VideoPrefix = "video-";
    public const string SoundPrefix = "sound-";
    private const string InitPrefix = "init-";

    /// <summary><c>init-{n}.mp4</c>, <c>{n}.m4s</c> or <c>{n}.{part}.m4s</c>, with <c>video-</c> or <c>sound-</c> in front for that alone.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, out SegmentRequest request)
    {
        request = default;
        var tracks = name.StartsWith(VideoPrefix, StringComparison.Ordinal) ? SegmentTracks.Video
            : name.StartsWith(SoundPrefix, StringComparison.Ordinal) ? SegmentTracks.Sound : SegmentTracks.All;
        if (tracks != SegmentTracks.All)
            name = name[VideoPrefix.Length..];
        if (name.StartsWith(InitPrefix, StringComparison.Ordinal) && name.EndsWith(".mp4", StringComparison.Ordinal))
        {
            bool isInit = TryNumber(name[InitPrefix.Length..^4], out long init);
            request = new SegmentRequest(true, init, null, tracks);
            return isInit;
        }

        if (!name.EndsWith(".m4s", StringComparison.Ordinal))
            return false;
        name = name[..^4];
        int dot = name.IndexOf('.');
        if (dot < 0)
        {
            bool isSegment = TryNumber(name, out long segment);
            request = new SegmentRequest(false, segment, null, tracks);
            return isSegment;
        }

        bool isPart = TryNumber(name[..dot], out long number) & TryNumber(name[(dot + 1)..], out long part) && part <= int.MaxValue;
        request = new SegmentRequest(false, number, (int)part, tracks);
        return isPart;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
