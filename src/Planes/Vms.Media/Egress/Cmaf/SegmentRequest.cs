using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vms.Media.Egress.Cmaf;

/// <summary>What a media URL's last part names.</summary>
/// <param name="Number">Of the segment; of an init segment the one that it is named after.</param>
/// <param name="Part">Null: the whole segment.</param>
internal readonly record struct SegmentRequest(bool IsInit, long Number, int? Part)
{
    private const string InitPrefix = "init-";

    /// <summary><c>init-{n}.mp4</c>, <c>{n}.m4s</c> or <c>{n}.{part}.m4s</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? file, out SegmentRequest request)
    {
        request = default;
        var name = file.AsSpan();
        if (name.StartsWith(InitPrefix, StringComparison.Ordinal) && name.EndsWith(".mp4", StringComparison.Ordinal))
        {
            bool isInit = TryNumber(name[InitPrefix.Length..^4], out long init);
            request = new SegmentRequest(true, init, null);
            return isInit;
        }

        if (!name.EndsWith(".m4s", StringComparison.Ordinal))
            return false;
        name = name[..^4];
        int dot = name.IndexOf('.');
        if (dot < 0)
        {
            bool isSegment = TryNumber(name, out long segment);
            request = new SegmentRequest(false, segment, null);
            return isSegment;
        }

        bool isPart = TryNumber(name[..dot], out long number) & TryNumber(name[(dot + 1)..], out long part) && part <= int.MaxValue;
        request = new SegmentRequest(false, number, (int)part);
        return isPart;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
