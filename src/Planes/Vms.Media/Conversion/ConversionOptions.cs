namespace Vms.Media.Conversion;

/// <summary>Times of conversions. Immutable.</summary>
internal sealed record ConversionOptions
{
    /// <summary>A conversion goes on for this long after its last viewer; a prepared one waits as long for its first.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A child that was given a picture and brings none for this long stands still.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The same for its first picture: it has to start on a machine that is busy.</summary>
    public TimeSpan FirstPatience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Further behind the camera than this, pictures are left out up to the newest keyframe.</summary>
    public TimeSpan MaxLag { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(10);
}
