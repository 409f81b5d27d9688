using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vms.Native.Jpeg;

namespace Vms.Native.Ffmpeg;

/// <summary>
/// Decodes one independent picture and gives it back as a JPEG, scaled. The bytes come from a network: decoders have had bugs that
/// such bytes reach, so a process that must stay alive does not call this but has a child do it (docs/design/snapshots.md).
/// </summary>
/// <remarks>Stateless; one caller at a time per thread. Allocates outside the managed heap and frees before it returns.</remarks>
public static unsafe class PictureDecoder
{
    /// <summary>8192 × 8192: above every camera, and what a forged header may make us allocate.</summary>
    private const int MaxPixels = 1 << 26;

    private const int MaxAllocationBytes = 256 << 20;
    private const int Alignment = 64;

    /// <summary>Pictures this small do not show what smoothing the borders of blocks does, which takes a third of the time of decoding.</summary>
    private const int SmallWidth = 480;

    static PictureDecoder()
    {
        LibAv.av_log_set_level(LibAv.AV_LOG_QUIET);
        LibAv.av_max_alloc(MaxAllocationBytes);
    }

    /// <param name="picture">One access unit; see <see cref="PictureCodec"/> for its form.</param>
    /// <param name="maxWidth">The picture is scaled down to this width; it is never enlarged.</param>
    /// <param name="quality">1..100.</param>
    /// <exception cref="InvalidDataException">It cannot be decoded.</exception>
    /// <exception cref="DllNotFoundException">A library is not installed; the message names it.</exception>
    public static JpegPicture ToJpeg(PictureCodec codec, ReadOnlySpan<byte> picture, int maxWidth, int quality)
    {
        var frame = LibAv.av_frame_alloc();
        try
        {
            Decode(codec, picture, maxWidth <= SmallWidth, frame);
            return Encode(frame, maxWidth, quality);
        }
        finally
        {
            LibAv.av_frame_free(&frame);
        }
    }

    /// <summary>Length and time in front of each access unit of several.</summary>
    public const int UnitHeaderBytes = sizeof(int) + sizeof(long);

    /// <param name="header">At least <see cref="UnitHeaderBytes"/>.</param>
    /// <param name="length">Of the access unit behind it.</param>
    /// <param name="shownUs">When its picture is shown, by whatever clock.</param>
    public static void WriteUnitHeader(Span<byte> header, int length, long shownUs)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, length);
        BinaryPrimitives.WriteInt64LittleEndian(header[sizeof(int)..], shownUs);
    }

    /// <summary>The picture of the last of several access units in the order of decoding, beginning with a keyframe. Where it cannot be decoded it is the one that is shown
    /// before it, as long as any can.</summary>
    /// <param name="units">Each behind its header.</param>
    /// <exception cref="InvalidDataException">None can be decoded.</exception>
    /// <exception cref="DllNotFoundException">A library is not installed; the message names it.</exception>
    public static JpegPicture ToJpegOfLast(PictureCodec codec, ReadOnlySpan<byte> units, int maxWidth, int quality)
    {
        long wantedUs = LastShownUs(units);
        AvFrame* best = LibAv.av_frame_alloc(), next = LibAv.av_frame_alloc();
        try
        {
            bool any = false;
            Open(codec, units.Length, isSmall: false, isReordered: true, out nint context, out var packet, out byte* padded);
            try
            {
                while (!units.IsEmpty)
                {
                    var unit = NextUnit(ref units, out packet->Pts);
                    unit.CopyTo(new Span<byte>(padded, unit.Length));
                    new Span<byte>(padded + unit.Length, LibAv.AV_INPUT_BUFFER_PADDING_SIZE).Clear();
                    packet->Data = padded;
                    packet->Size = unit.Length;
                    _ = LibAv.avcodec_send_packet(context, packet);
                    KeepBest(context, wantedUs, ref any, ref best, ref next);
                }

                _ = LibAv.avcodec_send_packet(context, null);       // nothing follows: give out what there is
                KeepBest(context, wantedUs, ref any, ref best, ref next);
            }
            finally
            {
                Close(context, packet, padded);
            }

            return any ? Encode(best, maxWidth, quality) : throw new InvalidDataException("FFmpeg could not decode any of the pictures");
        }
        finally
        {
            LibAv.av_frame_free(&best);
            LibAv.av_frame_free(&next);
        }
    }

    private static long LastShownUs(ReadOnlySpan<byte> units)
    {
        long shownUs = long.MinValue;
        while (!units.IsEmpty)
            NextUnit(ref units, out shownUs);
        return shownUs;
    }

    private static ReadOnlySpan<byte> NextUnit(ref ReadOnlySpan<byte> units, out long shownUs)
    {
        int length = units.Length > UnitHeaderBytes ? BinaryPrimitives.ReadInt32LittleEndian(units) : 0;
        if (length <= 0 || length > units.Length - UnitHeaderBytes)
            throw new InvalidDataException("The access units are not in one piece");
        shownUs = BinaryPrimitives.ReadInt64LittleEndian(units[sizeof(int)..]);
        var unit = units.Slice(UnitHeaderBytes, length);
        units = units[(UnitHeaderBytes + length)..];
        return unit;
    }

    /// <summary>Of what the decoder has now and <paramref name="best"/>: the last that is shown up to a time, else the first behind it.</summary>
    private static void KeepBest(nint context, long wantedUs, ref bool any, ref AvFrame* best, ref AvFrame* next)
    {
        while (LibAv.avcodec_receive_frame(context, next) >= 0)
        {
            bool isBetter = next->Pts <= wantedUs ? best->Pts > wantedUs || next->Pts >= best->Pts : best->Pts > next->Pts;
            if (any && !isBetter)
                continue;
            any = true;
            var before = best;
            best = next;
            next = before;
        }
    }

    /// <summary>The brightness of the picture alone, small, for comparing pictures with each other.</summary>
    /// <param name="picture">As for <see cref="ToJpeg"/>, likewise <paramref name="maxWidth"/>.</param>
    /// <exception cref="InvalidDataException">It cannot be decoded.</exception>
    /// <exception cref="DllNotFoundException">A library is not installed; the message names it.</exception>
    public static LumaPicture ToLuma(PictureCodec codec, ReadOnlySpan<byte> picture, int maxWidth)
    {
        var frame = LibAv.av_frame_alloc();
        try
        {
            Decode(codec, picture, maxWidth <= SmallWidth, frame);
            return Grey(frame, maxWidth);
        }
        finally
        {
            LibAv.av_frame_free(&frame);
        }
    }

    /// <summary>The picture itself, packed BGR, at its size.</summary>
    /// <param name="picture">As for <see cref="ToJpeg"/>.</param>
    /// <exception cref="InvalidDataException">It cannot be decoded.</exception>
    /// <exception cref="DllNotFoundException">A library is not installed; the message names it.</exception>
    public static BgrPicture ToBgr(PictureCodec codec, ReadOnlySpan<byte> picture)
    {
        var frame = LibAv.av_frame_alloc();
        try
        {
            Decode(codec, picture, isSmall: false, frame);
            return Packed(frame);
        }
        finally
        {
            LibAv.av_frame_free(&frame);
        }
    }

    private static void Decode(PictureCodec codec, ReadOnlySpan<byte> picture, bool isSmall, AvFrame* frame)
    {
        Open(codec, picture.Length, isSmall, isReordered: false, out nint context, out var packet, out byte* padded);
        try
        {
            picture.CopyTo(new Span<byte>(padded, picture.Length));
            packet->Data = padded;
            packet->Size = picture.Length;
            Check(LibAv.avcodec_send_packet(context, packet), "decode the picture");
            _ = LibAv.avcodec_send_packet(context, null);       // nothing follows: give out what there is
            Check(LibAv.avcodec_receive_frame(context, frame), "decode the picture");
        }
        finally
        {
            Close(context, packet, padded);
        }
    }

    /// <param name="isReordered">Several pictures, which may be shown in another order than they are decoded in; each comes out when it is its turn.</param>
    /// <param name="padded">Room for so many bytes, and the zeros that decoders read behind them.</param>
    private static void Open(PictureCodec codec, int bytes, bool isSmall, bool isReordered, out nint context, out AvPacket* packet, out byte* padded)
    {
        nint decoder = LibAv.avcodec_find_decoder(codec switch
        {
            PictureCodec.H264 => LibAv.AV_CODEC_ID_H264,
            PictureCodec.H265 => LibAv.AV_CODEC_ID_HEVC,
            PictureCodec.Mjpeg => LibAv.AV_CODEC_ID_MJPEG,
            _ => throw new InvalidDataException($"No decoder for {codec}"),
        });
        if (decoder == 0)
            throw new InvalidDataException($"This FFmpeg has no decoder for {codec}");

        context = LibAv.avcodec_alloc_context3(decoder);
        packet = LibAv.av_packet_alloc();
        padded = (byte*)NativeMemory.AllocZeroed((nuint)bytes + LibAv.AV_INPUT_BUFFER_PADDING_SIZE);
        try
        {
            _ = LibAv.av_opt_set(context, "threads", "1", 0);
            // A stream that does not say how many it reorders is taken to reorder as many as its level lets it: else the decoder drops those that it had not expected.
            _ = isReordered ? LibAv.av_opt_set(context, "strict", "1", 0) : LibAv.av_opt_set(context, "flags", "+low_delay", 0);
            _ = LibAv.av_opt_set(context, "max_pixels", MaxPixels.ToString(System.Globalization.CultureInfo.InvariantCulture), 0);
            if (isSmall)
                _ = LibAv.av_opt_set(context, "skip_loop_filter", "all", 0);
            Check(LibAv.avcodec_open2(context, decoder, 0), "open the decoder");
        }
        catch
        {
            Close(context, packet, padded);
            throw;
        }
    }

    private static void Close(nint context, AvPacket* packet, byte* padded)
    {
        packet->Data = null;
        packet->Size = 0;
        LibAv.av_packet_free(&packet);
        LibAv.avcodec_free_context(&context);
        NativeMemory.Free(padded);
    }

    /// <summary>Always through the scaler: it also turns the video's range of 16 to 235 into the JPEG's of 0 to 255, whatever the
    /// chroma format.</summary>
    private static JpegPicture Encode(AvFrame* frame, int maxWidth, int quality)
    {
        var (width, height) = Fit(frame->Width, frame->Height, maxWidth);
        nint scaler = LibAv.sws_getContext(
            frame->Width, frame->Height, frame->Format, width, height, LibAv.AV_PIX_FMT_YUVJ420P, LibAv.SWS_BILINEAR, 0, 0, 0);
        if (scaler == 0)
            throw new InvalidDataException($"No conversion of pixel format {frame->Format}");

        int lumaStride = Align(width), chromaStride = Align(width / 2);
        byte* pixels = null;
        try
        {
            pixels = (byte*)NativeMemory.AlignedAlloc((nuint)(lumaStride * height + 2 * chromaStride * (height / 2)), Alignment);
            byte** planes = stackalloc byte*[4];
            int* strides = stackalloc int[4];
            planes[0] = pixels;
            planes[1] = planes[0] + lumaStride * height;
            planes[2] = planes[1] + chromaStride * (height / 2);
            planes[3] = null;
            (strides[0], strides[1], strides[2], strides[3]) = (lumaStride, chromaStride, chromaStride, 0);
            if (LibAv.sws_scale(scaler, &frame->Data, &frame->Strides, 0, frame->Height, planes, strides) != height)
                throw new InvalidDataException("The picture cannot be scaled");
            return new JpegPicture(TurboJpeg.Compress(planes, strides, width, height, quality), width, height);
        }
        finally
        {
            LibAv.sws_freeContext(scaler);
            NativeMemory.AlignedFree(pixels);
        }
    }

    private static LumaPicture Grey(AvFrame* frame, int maxWidth)
    {
        var (width, height) = Fit(frame->Width, frame->Height, maxWidth);
        nint scaler = LibAv.sws_getContext(
            frame->Width, frame->Height, frame->Format, width, height, LibAv.AV_PIX_FMT_GRAY8, LibAv.SWS_BILINEAR, 0, 0, 0);
        if (scaler == 0)
            throw new InvalidDataException($"No conversion of pixel format {frame->Format}");

        int stride = Align(width);
        byte* pixels = null;
        try
        {
            pixels = (byte*)NativeMemory.AlignedAlloc((nuint)(stride * height), Alignment);
            byte** planes = stackalloc byte*[4] { pixels, null, null, null };
            int* strides = stackalloc int[4] { stride, 0, 0, 0 };
            if (LibAv.sws_scale(scaler, &frame->Data, &frame->Strides, 0, frame->Height, planes, strides) != height)
                throw new InvalidDataException("The picture cannot be scaled");
            var luma = new byte[width * height];
            for (int y = 0; y < height; y++)
                new ReadOnlySpan<byte>(pixels + (y * stride), width).CopyTo(luma.AsSpan(y * width));
            return new LumaPicture(luma, width, height);
        }
        finally
        {
            LibAv.sws_freeContext(scaler);
            NativeMemory.AlignedFree(pixels);
        }
    }

    private static BgrPicture Packed(AvFrame* frame)
    {
        int width = frame->Width, height = frame->Height, stride = width * BgrPicture.BytesPerPixel;
        nint scaler = LibAv.sws_getContext(width, height, frame->Format, width, height, LibAv.AV_PIX_FMT_BGR24, LibAv.SWS_BILINEAR, 0, 0, 0);
        if (scaler == 0)
            throw new InvalidDataException($"No conversion of pixel format {frame->Format}");
        try
        {
            var pixels = new byte[(stride * height) + BgrScaler.SlackBytes];
            fixed (byte* target = pixels)
            {
                byte** planes = stackalloc byte*[4] { target, null, null, null };
                int* strides = stackalloc int[4] { stride, 0, 0, 0 };
                if (LibAv.sws_scale(scaler, &frame->Data, &frame->Strides, 0, height, planes, strides) != height)
                    throw new InvalidDataException("The picture cannot be converted");
            }

            return new BgrPicture(pixels.AsMemory(0, stride * height), width, height);
        }
        finally
        {
            LibAv.sws_freeContext(scaler);
        }
    }

    /// <summary>The picture's shape at no more than a width; even, and at least 16 both ways.</summary>
    internal static (int Width, int Height) Fit(int fullWidth, int fullHeight, int maxWidth)
    {
        int width = Math.Min(fullWidth, Math.Max(16, maxWidth));
        int height = (int)Math.Max(16, (long)fullHeight * width / fullWidth);
        return (width & ~1, height & ~1);
    }

    private static int Align(int length) => (length + Alignment - 1) & ~(Alignment - 1);

    private static void Check(int result, string what)
    {
        if (result < 0)
            throw new InvalidDataException($"FFmpeg could not {what} (error {result})");
    }
}
