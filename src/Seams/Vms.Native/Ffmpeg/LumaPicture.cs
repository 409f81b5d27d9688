namespace Vms.Native.Ffmpeg;

/// <summary>The brightness of a picture.</summary>
/// <param name="Pixels">One byte a pixel, row by row from the top, no padding: width × height.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public sealed record LumaPicture(byte[] Pixels, int Width, int Height);
