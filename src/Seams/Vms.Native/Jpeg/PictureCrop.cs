using System.Runtime.InteropServices;
using Vms.Native.Ffmpeg;

namespace Vms.Native.Jpeg;

/// <summary>A part of a picture as a small JPEG. Stateless.</summary>
public static unsafe class PictureCrop
{
    private const int Alignment = 64;
    private const int MinSide = 16;

    /// <param name="bgr">Three bytes a pixel, rows without padding.</param>
    /// <param name="width">Of the whole picture.</param>
    /// <param name="height">Likewise.</param>
    /// <param name="maxSide">The longer side of the JPEG; the part is never enlarged.</param>
    /// <exception cref="InvalidDataException">It cannot be scaled or encoded.</exception>
    public static byte[] ToJpeg(ReadOnlySpan<byte> bgr, int width, int height, int left, int top, int partWidth, int partHeight, int maxSide, int quality)
    {
        left = Math.Clamp(left, 0, width - 1);
        top = Math.Clamp(top, 0, height - 1);
        partWidth = Math.Clamp(partWidth, 1, width - left);
        partHeight = Math.Clamp(partHeight, 1, height - top);
        if (bgr.Length < width * height * 3)
            throw new InvalidDataException($"The picture has {bgr.Length} bytes, fewer than {width}x{height} take");

        double scale = Math.Min(1, maxSide / (double)Math.Max(partWidth, partHeight));
        int outWidth = Math.Max(MinSide, (int)(partWidth * scale)), outHeight = Math.Max(MinSide, (int)(partHeight * scale));
        nint scaler = LibAv.sws_getContext(
            partWidth, partHeight, LibAv.AV_PIX_FMT_BGR24, outWidth, outHeight, LibAv.AV_PIX_FMT_BGR24, LibAv.SWS_BILINEAR, 0, 0, 0);
        if (scaler == 0)
            throw new InvalidDataException($"A part of {partWidth}x{partHeight} cannot be scaled");
        int stride = ((outWidth * 3) + Alignment - 1) & ~(Alignment - 1);
        byte* pixels = null;
        try
        {
            pixels = (byte*)NativeMemory.AlignedAlloc((nuint)(stride * outHeight), Alignment);
            fixed (byte* whole = bgr)
            {
                byte** source = stackalloc byte*[4] { whole + (((top * width) + left) * 3), null, null, null };
                int* sourceStrides = stackalloc int[4] { width * 3, 0, 0, 0 };
                byte** planes = stackalloc byte*[4] { pixels, null, null, null };
                int* strides = stackalloc int[4] { stride, 0, 0, 0 };
                if (LibAv.sws_scale(scaler, source, sourceStrides, 0, partHeight, planes, strides) != outHeight)
                    throw new InvalidDataException($"A part of {partWidth}x{partHeight} cannot be scaled");
            }

            return TurboJpeg.CompressBgr(pixels, stride, outWidth, outHeight, quality);
        }
        finally
        {
            LibAv.sws_freeContext(scaler);
            NativeMemory.AlignedFree(pixels);
        }
    }
}
