namespace Vms.Native.Ffmpeg;

/// <summary>
/// Scales packed BGR pictures, or parts of them. Keeps what it prepared for the last pair of sizes. One caller at a time.
/// </summary>
/// <remarks>The scaler works in vectors: source and target have <see cref="SlackBytes"/> behind their last pixel.</remarks>
public sealed unsafe class BgrScaler : IDisposable
{
    /// <summary>Behind the last pixel, read or written without meaning.</summary>
    public const int SlackBytes = 64;

    private const int BytesPerPixel = 3;

    private nint _context;

    /// <param name="source">From the first pixel of the part to scale. Borrowed.</param>
    /// <param name="sourceStride">Bytes from row to row, likewise <paramref name="targetStride"/>.</param>
    /// <exception cref="DllNotFoundException">libswscale is not installed; the message names it.</exception>
    /// <exception cref="InvalidDataException">It cannot be scaled so.</exception>
    public void Scale(
        ReadOnlySpan<byte> source, int sourceStride, int sourceWidth, int sourceHeight, Span<byte> target, int targetStride, int width, int height)
    {
        Require(source.Length, sourceStride, sourceWidth, sourceHeight, nameof(source));
        Require(target.Length, targetStride, width, height, nameof(target));
        _context = LibAv.sws_getCachedContext(
            _context, sourceWidth, sourceHeight, LibAv.AV_PIX_FMT_BGR24, width, height, LibAv.AV_PIX_FMT_BGR24, LibAv.SWS_BILINEAR, 0, 0, 0);
        if (_context == 0)
            throw new InvalidDataException($"A picture of {sourceWidth}x{sourceHeight} cannot be scaled to {width}x{height}");
        fixed (byte* from = source)
        fixed (byte* to = target)
        {
            byte** sources = stackalloc byte*[4] { from, null, null, null };
            byte** targets = stackalloc byte*[4] { to, null, null, null };
            int* sourceStrides = stackalloc int[4] { sourceStride, 0, 0, 0 };
            int* targetStrides = stackalloc int[4] { targetStride, 0, 0, 0 };
            if (LibAv.sws_scale(_context, sources, sourceStrides, 0, sourceHeight, targets, targetStrides) != height)
                throw new InvalidDataException($"A picture of {sourceWidth}x{sourceHeight} cannot be scaled to {width}x{height}");
        }
    }

    public void Dispose()
    {
        LibAv.sws_freeContext(_context);
        _context = 0;
    }

    private static void Require(int length, int stride, int width, int height, string what)
    {
        if (width <= 0 || height <= 0 || stride < width * BytesPerPixel || length < ((long)stride * (height - 1)) + (width * BytesPerPixel) + SlackBytes)
            throw new ArgumentException($"{width}x{height} pixels with rows of {stride} bytes do not fit in {length} bytes", what);
    }
}
