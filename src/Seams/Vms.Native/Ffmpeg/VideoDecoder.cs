using System.Globalization;
using System.Runtime.InteropServices;

namespace Vms.Native.Ffmpeg;

/// <summary>What <see cref="VideoDecoder"/> need not decode.</summary>
public enum DecodeSkip
{
    /// <summary>Every picture is wanted.</summary>
    None,

    /// <summary>This picture is not wanted: it is decoded only when others need it.</summary>
    Unreferenced,
}

/// <summary>
/// Decodes one video stream, sample by sample, and gives its pictures scaled: small and grey, or whole and in colour. The bytes come from a network
/// and decoders have had bugs that such bytes reach: whoever calls this in a process must be able to lose it (docs/design/analysis.md).
/// </summary>
/// <remarks>One caller at a time. Allocates outside the managed heap, all of it freed by <see cref="Dispose"/>; nothing per picture once the
/// stream's size is known.</remarks>
public sealed unsafe class VideoDecoder : IDisposable
{
    /// <summary>As a stream log's ceiling.</summary>
    public const int MaxSample = 16 << 20;

    private const int MaxPixels = 1 << 26;
    private const int MaxAllocationBytes = 256 << 20;
    private const int Padding = LibAv.AV_INPUT_BUFFER_PADDING_SIZE;
    private const int FirstRoom = 256 << 10;
    private const int LengthPrefix = 4;

    /// <summary>Scalers write whole vectors: so much behind the last pixel is theirs.</summary>
    private const int ScalerSlack = 64;

    private readonly PictureCodec _codec;
    private nint _context;
    private AvPacket* _packet;
    private AvFrame* _frame;
    private nint _greyScaler;
    private nint _colourScaler;
    private nint _lumaScaler;
    private byte* _input;
    private int _inputRoom;
    private DecodeSkip _skip;
    private bool _smooths = true;

    static VideoDecoder()
    {
        LibAv.av_log_set_level(LibAv.AV_LOG_QUIET);
        LibAv.av_max_alloc(MaxAllocationBytes);
    }

    /// <exception cref="InvalidDataException">There is no decoder for it.</exception>
    /// <exception cref="DllNotFoundException">A library is not installed; the message names it.</exception>
    public VideoDecoder(PictureCodec codec)
    {
        _codec = codec;
        nint decoder = LibAv.avcodec_find_decoder(codec switch
        {
            PictureCodec.H264 => LibAv.AV_CODEC_ID_H264,
            PictureCodec.H265 => LibAv.AV_CODEC_ID_HEVC,
            _ => LibAv.AV_CODEC_ID_MJPEG,
        });
        if (decoder == 0)
            throw new InvalidDataException($"This FFmpeg has no decoder for {codec}");
        _context = LibAv.avcodec_alloc_context3(decoder);
        _ = LibAv.av_opt_set(_context, "threads", "1", 0);
        _ = LibAv.av_opt_set(_context, "flags", "+low_delay", 0);
        _ = LibAv.av_opt_set(_context, "max_pixels", MaxPixels.ToString(CultureInfo.InvariantCulture), 0);
        int result = LibAv.avcodec_open2(_context, decoder, 0);
        _packet = LibAv.av_packet_alloc();
        _frame = LibAv.av_frame_alloc();
        if (result < 0)
        {
            Dispose();
            throw new InvalidDataException($"FFmpeg could not open the decoder (error {result})");
        }
    }

    /// <summary>Smoothes the borders of blocks, which takes a fifth of the time of decoding. Without it pictures become a little coarser from one to the next, up to
    /// the next keyframe.</summary>
    public bool SmoothsBlocks
    {
        get => _smooths;
        set
        {
            if (value == _smooths)
                return;
            _ = LibAv.av_opt_set(_context, "skip_loop_filter", value ? "default" : "all", 0);
            _smooths = value;
        }
    }

    /// <summary>Of the picture decoded last; 0 before the first.</summary>
    public int Width { get; private set; }

    /// <inheritdoc cref="Width"/>
    public int Height { get; private set; }

    /// <summary>What the picture decoded last was given with its sample.</summary>
    public long Tag { get; private set; }

    /// <summary>Room for a sample, to be filled and given to <see cref="Decode"/>. Valid until the next call.</summary>
    /// <exception cref="InvalidDataException">Larger than <see cref="MaxSample"/>.</exception>
    public Span<byte> Room(int length)
    {
        if (length is < 1 or > MaxSample)
            throw new InvalidDataException($"A sample of {length} bytes is not decoded");
        if (_inputRoom < length)
        {
            _inputRoom = Math.Max(FirstRoom, Math.Min(MaxSample, length + (length / 2)));
            _input = (byte*)NativeMemory.Realloc(_input, (nuint)_inputRoom + Padding);
        }

        return new Span<byte>(_input, length);
    }

    /// <summary>Decodes what was put into <see cref="Room"/>.</summary>
    /// <param name="length">Of the sample: NAL units with lengths of four bytes before them, or start codes; MJPEG as it is. Changed in place.</param>
    /// <param name="tag">Comes back as <see cref="Tag"/> with the picture, which may be a later call's where pictures are reordered.</param>
    /// <returns>A picture is there, to be asked for before the next call; false when none is, or the sample cannot be decoded.</returns>
    public bool Decode(int length, long tag, DecodeSkip skip)
    {
        if (_codec != PictureCodec.Mjpeg && !MarkStarts(new Span<byte>(_input, length)))
            return false;
        new Span<byte>(_input + length, Padding).Clear();
        if (skip != _skip)
        {
            _ = LibAv.av_opt_set(_context, "skip_frame", skip == DecodeSkip.None ? "default" : "noref", 0);
            _skip = skip;
        }

        _packet->Data = _input;
        _packet->Size = length;
        _packet->Pts = tag;
        int sent = LibAv.avcodec_send_packet(_context, _packet);
        _packet->Data = null;
        _packet->Size = 0;
        if (sent < 0)
            Failures++;
        // One for each sample: a stream that reorders its pictures gives each a little later.
        if (LibAv.avcodec_receive_frame(_context, _frame) < 0 || _frame->Width < 1 || _frame->Height < 1)
            return false;
        (Width, Height, Tag) = (_frame->Width, _frame->Height, _frame->Pts);
        return true;
    }

    /// <summary>Samples that the decoder refused.</summary>
    public long Failures { get; private set; }

    /// <summary>Forgets what came before: what follows begins with a keyframe.</summary>
    public void Reset() => LibAv.avcodec_flush_buffers(_context);

    /// <summary>The picture's brightness at another size.</summary>
    /// <param name="target">Rows without padding: width × height bytes.</param>
    /// <returns>False when its pixel format cannot be converted.</returns>
    public bool ToGrey(Span<byte> target, int width, int height) =>
        Scale(ref _greyScaler, target, width, height, width, LibAv.AV_PIX_FMT_GRAY8);

    /// <summary>The picture's brightness, small, in its shape: as <see cref="PictureDecoder.ToLuma"/> gives it of a single picture.</summary>
    /// <param name="maxWidth">It is never enlarged.</param>
    /// <returns>Null when its pixel format cannot be converted.</returns>
    public LumaPicture? ToLuma(int maxWidth)
    {
        if (Width == 0)
            return null;
        var (width, height) = PictureDecoder.Fit(Width, Height, maxWidth);
        byte[] pixels = new byte[(width * height) + ScalerSlack];
        return Scale(ref _lumaScaler, pixels, width, height, width, LibAv.AV_PIX_FMT_GRAY8) ? new LumaPicture(pixels[..(width * height)], width, height) : null;
    }

    /// <summary>The whole picture, three bytes a pixel in the order BGR, rows without padding.</summary>
    /// <returns>False when its pixel format cannot be converted.</returns>
    public bool ToBgr(Span<byte> target) => Scale(ref _colourScaler, target, Width, Height, Width * 3, LibAv.AV_PIX_FMT_BGR24);

    public void Dispose()
    {
        fixed (AvPacket** packet = &_packet)
        fixed (AvFrame** frame = &_frame)
        fixed (nint* context = &_context)
        {
            if (*packet != null)
            {
                (*packet)->Data = null;
                (*packet)->Size = 0;
            }

            LibAv.av_packet_free(packet);
            LibAv.av_frame_free(frame);
            LibAv.avcodec_free_context(context);
        }

        LibAv.sws_freeContext(_greyScaler);
        LibAv.sws_freeContext(_colourScaler);
        LibAv.sws_freeContext(_lumaScaler);
        NativeMemory.Free(_input);
        _greyScaler = _colourScaler = _lumaScaler = 0;
        _input = null;
        _inputRoom = 0;
    }

    private bool Scale(ref nint scaler, Span<byte> target, int width, int height, int stride, int format)
    {
        if (Width == 0 || width < 1 || height < 1 || target.Length < stride * height)
            return false;
        scaler = LibAv.sws_getCachedContext(
            scaler, Width, Height, _frame->Format, width, height, format, LibAv.SWS_BILINEAR, 0, 0, 0);
        if (scaler == 0)
            return false;
        fixed (byte* pixels = target)
        {
            byte** planes = stackalloc byte*[4] { pixels, null, null, null };
            int* strides = stackalloc int[4] { stride, 0, 0, 0 };
            return LibAv.sws_scale(scaler, &_frame->Data, &_frame->Strides, 0, Height, planes, strides) == height;
        }
    }

    /// <summary>Lengths of four bytes become start codes of four bytes, in place.</summary>
    private static bool MarkStarts(Span<byte> sample)
    {
        while (sample.Length > LengthPrefix)
        {
            uint length = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(sample);
            if (length == 0 || length > sample.Length - LengthPrefix)
                return false;
            sample[0] = sample[1] = sample[2] = 0;
            sample[3] = 1;
            sample = sample[(LengthPrefix + (int)length)..];
        }

        return sample.IsEmpty;
    }
}
