using System.Runtime.InteropServices;
using Vms.Native.Libraries;

namespace Vms.Native.Ffmpeg;

/// <summary>The functions of libavcodec 59, libavutil 57 and libswscale 6 (FFmpeg 5) that decoding one picture needs; native names kept.</summary>
internal static unsafe partial class LibAv
{
    private const string Codec = SystemLibraries.AvCodec;
    private const string Util = SystemLibraries.AvUtil;
    private const string Scale = SystemLibraries.SwScale;

    static LibAv() => SystemLibraries.Register();

    // enum AVCodecID
    internal const int AV_CODEC_ID_MJPEG = 7;
    internal const int AV_CODEC_ID_H264 = 27;
    internal const int AV_CODEC_ID_HEVC = 173;

    // enum AVPixelFormat
    internal const int AV_PIX_FMT_YUV420P = 0;
    internal const int AV_PIX_FMT_BGR24 = 3;
    internal const int AV_PIX_FMT_GRAY8 = 8;
    internal const int AV_PIX_FMT_YUVJ420P = 12;

    internal const int SWS_BILINEAR = 2;
    internal const int AV_INPUT_BUFFER_PADDING_SIZE = 64;
    internal const int AV_LOG_QUIET = -8;

    [LibraryImport(Util)]
    internal static partial void av_log_set_level(int level);

    [LibraryImport(Util)]
    internal static partial void av_max_alloc(nuint max);

    [LibraryImport(Util, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int av_opt_set(nint obj, string name, string value, int searchFlags);

    [LibraryImport(Util)]
    internal static partial AvFrame* av_frame_alloc();

    [LibraryImport(Util)]
    internal static partial void av_frame_free(AvFrame** frame);

    [LibraryImport(Util)]
    internal static partial void av_frame_unref(AvFrame* frame);

    [LibraryImport(Codec)]
    internal static partial nint avcodec_find_decoder(int id);

    [LibraryImport(Codec)]
    internal static partial nint avcodec_alloc_context3(nint codec);

    [LibraryImport(Codec)]
    internal static partial void avcodec_free_context(nint* context);

    [LibraryImport(Codec)]
    internal static partial int avcodec_open2(nint context, nint codec, nint options);

    [LibraryImport(Codec)]
    internal static partial void avcodec_flush_buffers(nint context);

    [LibraryImport(Codec)]
    internal static partial AvPacket* av_packet_alloc();

    [LibraryImport(Codec)]
    internal static partial void av_packet_free(AvPacket** packet);

    [LibraryImport(Codec)]
    internal static partial int avcodec_send_packet(nint context, AvPacket* packet);

    [LibraryImport(Codec)]
    internal static partial int avcodec_receive_frame(nint context, AvFrame* frame);

    [LibraryImport(Scale)]
    internal static partial nint sws_getContext(
        int sourceWidth, int sourceHeight, int sourceFormat, int width, int height, int format, int flags, nint sourceFilter, nint filter, nint parameters);

    /// <summary>The context given when it fits, else another one in its place.</summary>
    [LibraryImport(Scale)]
    internal static partial nint sws_getCachedContext(
        nint context, int sourceWidth, int sourceHeight, int sourceFormat, int width, int height, int format, int flags, nint sourceFilter, nint filter, nint parameters);

    [LibraryImport(Scale)]
    internal static partial int sws_scale(nint context, byte** source, int* sourceStrides, int y, int height, byte** target, int* strides);

    [LibraryImport(Scale)]
    internal static partial void sws_freeContext(nint context);
}

/// <summary>The front of AVFrame (libavutil 57, frame.h).</summary>
[StructLayout(LayoutKind.Explicit)]
internal unsafe struct AvFrame
{
    /// <summary>uint8_t *data[8]: the planes.</summary>
    [FieldOffset(0)]
    public byte* Data;

    /// <summary>int linesize[8].</summary>
    [FieldOffset(64)]
    public int Strides;

    [FieldOffset(104)]
    public int Width;

    [FieldOffset(108)]
    public int Height;

    [FieldOffset(116)]
    public int Format;

    /// <summary>Of the packet that the picture came from.</summary>
    [FieldOffset(136)]
    public long Pts;
}

/// <summary>The front of AVPacket (libavcodec 59, packet.h).</summary>
[StructLayout(LayoutKind.Explicit)]
internal unsafe struct AvPacket
{
    /// <summary>Handed on to the frame.</summary>
    [FieldOffset(8)]
    public long Pts;

    [FieldOffset(24)]
    public byte* Data;

    [FieldOffset(32)]
    public int Size;
}
