using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Vms.Hosting;

namespace Vms.Recorder.Pictures;

/// <summary>What is kept of each recording to look through it quickly. Immutable.</summary>
internal sealed record PreviewOptions
{
    /// <summary>Greatest width of a preview, in pixels.</summary>
    public const int Width = 320;

    public const int Quality = 70;

    /// <summary>Decoding a picture costs about as much as recording its camera for ten seconds.</summary>
    private static readonly TimeSpan s_usual = TimeSpan.FromSeconds(30);

    private const int MinSeconds = 2;
    private const int MaxSeconds = 3600;

    /// <summary>VMS_PREVIEW_SECONDS: one preview is stored for so much of a recording; <see cref="TimeSpan.Zero"/> for none, then they are made
    /// when somebody looks.</summary>
    public TimeSpan Interval { get; init; } = s_usual;

    public bool AreStored => Interval > TimeSpan.Zero;

    /// <summary>Of pictures made when somebody looks: one for so much of a recording, whether or not previews are stored.</summary>
    public TimeSpan Spacing => AreStored ? Interval : s_usual;

    /// <exception cref="ValidationException">The value is not one of those expected; the message names the key.</exception>
    public static PreviewOptions From(IConfiguration configuration)
    {
        if (PlaneOptions.Setting(configuration, "VMS_PREVIEW_SECONDS") is not { } text) return new PreviewOptions();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is 0 or (>= MinSeconds and <= MaxSeconds)
            ? new PreviewOptions { Interval = TimeSpan.FromSeconds(seconds) }
            : throw new ValidationException($"VMS_PREVIEW_SECONDS is '{text}'; expected 0, or {MinSeconds} to {MaxSeconds}");
    }
}
