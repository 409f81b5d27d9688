using System.Runtime.InteropServices;
using Vms.Native.Libraries;

namespace Vms.Native.Ffmpeg;

/// <summary>What decoding sound needs besides <see cref="LibAv"/>: libavcodec 59, libavutil 57, libswresample 4 (FFmpeg 5); native names kept.</summary>
internal static unsafe partial class LibAvSound
{
    private const string Codec = SystemLibraries.AvCodec;
    private const string Util = SystemLibraries.AvUtil;
    private const string Resample = SystemLibraries.SwResample;

    static LibAvSound() => SystemLibraries.Register();

    internal const int AVMEDIA_TYPE_AUDIO = 1;
    internal const int AV_CODEC_ID_AAC = 86018;
    internal const int AV_SAMPLE_FMT_S16 = 1;
    internal const int AVERROR_EAGAIN = -11;

    [LibraryImport(Codec)]
    internal static partial AvCodecParameters* avcodec_parameters_alloc();

    /// <summary>Also frees extradata, which must come from <see cref="av_mallocz"/>.</summary>
    [LibraryImport(Codec)]
    internal static partial void avcodec_parameters_free(AvCodecParameters** parameters);

    [LibraryImport(Codec)]
    internal static partial int avcodec_parameters_to_context(nint context, AvCodecParameters* parameters);

    [LibraryImport(Codec)]
    internal static partial void avcodec_flush_buffers(nint context);

    [LibraryImport(Util)]
    internal static partial void* av_mallocz(nuint size);

    [LibraryImport(Util)]
    internal static partial long av_get_default_channel_layout(int channels);

    [LibraryImport(Resample)]
    internal static partial nint swr_alloc_set_opts(
        nint context, long outLayout, int outFormat, int outRate, long inLayout, int inFormat, int inRate, int logOffset, nint logContext);

    [LibraryImport(Resample)]
    internal static partial int swr_init(nint context);

    /// <summary>Samples per channel written, or an error.</summary>
    [LibraryImport(Resample)]
    internal static partial int swr_convert(nint context, byte** output, int outSamples, byte** input, int inSamples);

    [LibraryImport(Resample)]
    internal static partial void swr_free(nint* context);
}

/// <summary>The front of AVCodecParameters (libavcodec 59, codec_par.h).</summary>
[StructLayout(LayoutKind.Explicit)]
internal unsafe struct AvCodecParameters
{
    [FieldOffset(0)]
    public int CodecType;

    [FieldOffset(4)]
    public int CodecId;

    [FieldOffset(16)]
    public byte* Extradata;

    [FieldOffset(24)]
    public int ExtradataSize;
}

/// <summary>What an AVFrame says of sound (libavutil 57, frame.h).</summary>
[StructLayout(LayoutKind.Explicit)]
internal unsafe struct AvSoundFrame
{
    /// <summary>uint8_t **extended_data: one plane per channel, or one for all.</summary>
    [FieldOffset(96)]
    public byte** Planes;

    /// <summary>Per channel.</summary>
    [FieldOffset(112)]
    public int Samples;

    /// <summary>enum AVSampleFormat.</summary>
    [FieldOffset(116)]
    public int Format;

    [FieldOffset(208)]
    public int SampleRate;

    [FieldOffset(380)]
    public int Channels;
}
