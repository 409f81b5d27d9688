using System.Buffers;

namespace Vms.Ai.Detectors;

/// <summary>A decoded picture, packed BGR with 8 bits each in pooled memory. Its owner disposes it; whoever is handed one borrows it until the call ends.</summary>
internal sealed class Picture : IDisposable
{
    internal const int BytesPerPixel = 3;

    /// <summary>As high or wide as a picture may be: above every camera.</summary>
    internal const int MaxSide = 8192;

    /// <summary>Scalers read and write whole vectors: so much behind the last pixel is theirs.</summary>
    private const int Slack = 64;

    private byte[]? _pixels;

    private Picture(int width, int height, byte[] pixels) => (Width, Height, _pixels) = (width, height, pixels);

    internal int Width { get; }

    internal int Height { get; }

    /// <summary>From one row to the next.</summary>
    internal int StrideBytes => Width * BytesPerPixel;

    /// <summary>Row by row from the top, blue first, no padding between rows.</summary>
    internal Memory<byte> Bgr => Pixels.AsMemory(0, StrideBytes * Height);

    /// <summary>As <see cref="Bgr"/>, and what lies behind it for scalers.</summary>
    internal Span<byte> WithSlack => Pixels.AsSpan(0, (StrideBytes * Height) + Slack);

    private byte[] Pixels => _pixels ?? throw new ObjectDisposedException(nameof(Picture));

    /// <summary>Its pixels are whatever was there before.</summary>
    internal static Picture Rent(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, MaxSide);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, MaxSide);
        return new Picture(width, height, ArrayPool<byte>.Shared.Rent((width * height * BytesPerPixel) + Slack));
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _pixels, null) is { } pixels)
            ArrayPool<byte>.Shared.Return(pixels);
    }
}
