namespace Vms.Onvif.Media;

/// <summary>Which profiles of a device become a camera's main and small stream.</summary>
/// <param name="Main">The one with the most pixels.</param>
/// <param name="Sub">The smallest H.264 (every browser plays it) that is at least <see cref="MinSubWidth"/> wide, of the same picture; null when there is none.</param>
public sealed record StreamChoice(MediaProfile Main, MediaProfile? Sub)
{
    /// <summary>Pixels; narrower ones are for doorbells' displays.</summary>
    public const int MinSubWidth = 320;

    /// <summary>Of all profiles, as for a camera with one picture. Null when none has pictures.</summary>
    public static StreamChoice? Of(IReadOnlyList<MediaProfile> profiles)
    {
        MediaProfile? main = null;
        foreach (var profile in profiles)
        {
            if (profile.Video is { } video && (main?.Video is not { } best || video.Pixels > best.Pixels || (video.Pixels == best.Pixels && Rank(video) > Rank(best))))
                main = profile;
        }

        if (main is null)
            return null;

        MediaProfile? sub = null;
        foreach (var profile in profiles)
        {
            if (profile.Video is { Codec: "H264", Width: >= MinSubWidth } video && profile.VideoSource == main.VideoSource && video.Pixels < main.Video!.Pixels
                && (sub?.Video is not { } smallest || video.Pixels < smallest.Pixels))
            {
                sub = profile;
            }
        }

        return new StreamChoice(main, sub);
    }

    /// <summary>One for each picture of a device with several, in the device's order: a recorder's channels, the lenses of a panorama.</summary>
    public static IReadOnlyList<StreamChoice> PerSource(IReadOnlyList<MediaProfile> profiles) =>
        [.. profiles.Where(profile => profile.Video is not null).GroupBy(profile => profile.VideoSource).Select(source => Of([.. source])).OfType<StreamChoice>()];

    /// <summary>Of the same size what records best: single JPEGs last.</summary>
    private static int Rank(VideoEncoding video) => video.Codec switch { "H265" or "H264" => 1, _ => 0 };
}
