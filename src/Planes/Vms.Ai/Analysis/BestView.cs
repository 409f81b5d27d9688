using Vms.Ai.Detectors;
using Vms.Ai.Tracking;
using Vms.Native.Jpeg;

namespace Vms.Ai.Analysis;

/// <summary>The best picture of an object so far, cut out: large, sure of what it is, and whole.</summary>
internal sealed class BestView
{
    /// <summary>Of the JPEG: in base64 it is a third longer, and has to fit an event.</summary>
    internal const int MaxBytes = 18 << 10;

    private const int MaxSide = 224;
    private const int Quality = 82;
    private const int LowQuality = 50;

    /// <summary>A view has to be so much better: cutting one out is not free.</summary>
    private const float Better = 1.15f;

    private const float Margin = 0.08f;
    private const float Edge = 0.005f;
    private float _worth;

    internal byte[]? Jpeg { get; private set; }

    internal void Look(Picture picture, ObjectTrack track)
    {
        Box box = track.Box.Clipped();
        bool isCut = box.X <= Edge || box.Right >= 1 - Edge || box.Y <= Edge || box.Bottom >= 1 - Edge;
        float worth = track.Score * MathF.Sqrt(box.Area) * (isCut ? 0.6f : 1);
        if (box.Area <= 0 || worth < _worth * Better)
            return;
        int left = (int)((box.X - (box.Width * Margin)) * picture.Width), top = (int)((box.Y - (box.Height * Margin)) * picture.Height);
        int width = (int)(box.Width * (1 + (2 * Margin)) * picture.Width), height = (int)(box.Height * (1 + (2 * Margin)) * picture.Height);
        try
        {
            byte[] jpeg = Cut(Quality);
            if (jpeg.Length > MaxBytes)
                jpeg = Cut(LowQuality);
            if (jpeg.Length > MaxBytes)
                return;
            (Jpeg, _worth) = (jpeg, worth);
        }
        catch (InvalidDataException)
        {
            return;     // too thin to be cut out: the next picture may be better
        }

        byte[] Cut(int quality) => PictureCrop.ToJpeg(
            picture.Bgr.Span, picture.Width, picture.Height, Math.Max(0, left), Math.Max(0, top), width, height, MaxSide, quality);
    }
}
