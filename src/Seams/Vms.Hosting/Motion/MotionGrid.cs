namespace Vms.Hosting.Motion;

/// <summary>
/// What changed in the picture between two keyframes that follow each other, in 16 × 16 cells over the whole picture. Immutable.
/// </summary>
/// <param name="BeforeUs">Capture time of the earlier keyframe: UTC microseconds since 1970.</param>
/// <param name="AfterUs">Of the later one.</param>
/// <param name="Cells">Row by row from the top left, 256 of them: the share of its pixels that changed, 0..255; empty when nothing did.</param>
/// <param name="Source">Who compared.</param>
/// <param name="IsWholePicture">Nearly everything changed at once: the light was switched, the camera was turned. That is no motion in a place.</param>
public sealed record MotionGrid(long BeforeUs, long AfterUs, ReadOnlyMemory<byte> Cells, MotionSource Source, bool IsWholePicture)
{
    /// <summary>Cells in a row, and rows.</summary>
    public const int Side = 16;

    public const int CellCount = Side * Side;

    /// <summary>A grid without the cells where nothing changed at all is an empty one.</summary>
    public static MotionGrid Of(long beforeUs, long afterUs, ReadOnlySpan<byte> cells, bool isWholePicture, MotionSource source = MotionSource.Keyframes) =>
        new(beforeUs, afterUs, cells.IndexOfAnyExcept((byte)0) < 0 ? default : cells.ToArray(), source, isWholePicture);
}

/// <summary>Where a grid comes from. The numbers stand in files.</summary>
public enum MotionSource : byte
{
    /// <summary>Two keyframes of the recording were compared.</summary>
    Keyframes = 0,

    /// <summary>The analytics plane compared them when they came: it had decoded them already.</summary>
    Analytics = 1,

    /// <summary>The camera's own metadata.</summary>
    Camera = 2,
}
