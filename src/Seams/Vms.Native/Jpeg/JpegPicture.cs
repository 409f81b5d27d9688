namespace Vms.Native.Jpeg;

/// <param name="Bytes">A whole JPEG file.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public sealed record JpegPicture(byte[] Bytes, int Width, int Height);
