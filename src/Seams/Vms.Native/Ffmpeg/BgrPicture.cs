namespace Vms.Native.Ffmpeg;

/// <summary>A picture in colour.</summary>
/// <param name="Pixels">Blue, green, red, 8 bits each, row by row from the top, no padding.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public sealed record BgrPicture(ReadOnlyMemory<byte> Pixels, int Width, int Height)
{
    internal const int BytesPerPixel = 3;
}
