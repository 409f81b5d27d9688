using System.Runtime.InteropServices;

namespace Vms.Native.Ffmpeg;

/// <summary>
/// Decodes AAC access units to 16-bit sound of 48 kHz, mono or stereo. The bytes come from a network: see <see cref="PictureDecoder"/> for
/// why a process that must stay alive has a child do it.
/// </summary>
/// <remarks>One caller at a time. Allocates outside the managed heap, all of it freed by <see cref="Dispose"/>.</remarks>
public sealed unsafe class AacDecoder : IDisposable
{
    public const int Rate = 48_000;

    /// <summary>ISO/IEC 14496-3: 6144 bits per channel, 8 channels.</summary>
    public const int MaxAccessUnit = 8 << 10;

    private const int MaxConfig = 64;
    private const int MaxAllocationBytes = 16 << 20;
    private const int MaxChannels = 8;

    private readonly byte* _padded = (byte*)NativeMemory.AllocZeroed(MaxAccessUnit + LibAv.AV_INPUT_BUFFER_PADDING_SIZE);
    private nint _context;
    private AvPacket* _packet;
    private AvFrame* _frame;
    private nint _resampler;
    private (int Format, int Rate, int Channels) _resampled;

    static AacDecoder()
    {
        LibAv.av_log_set_level(LibAv.AV_LOG_QUIET);
        LibAv.av_max_alloc(MaxAllocationBytes);
    }

    /// <param name="config">AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1).</param>
    /// <param name="channels">Of the output: 1 or 2.</param>
    /// <exception cref="InvalidDataException">There is no decoder for it.</exception>
    /// <exception cref="DllNotFoundException">A library is not installed; the message names it.</exception>
    public AacDecoder(ReadOnlySpan<byte> config, int channels)
    {
        Channels = channels;
        if (config.Length > MaxConfig)
            throw new InvalidDataException("An AudioSpecificConfig is not that long");
        nint decoder = LibAv.avcodec_find_decoder(LibAvSound.AV_CODEC_ID_AAC);
        if (decoder == 0)
            throw new InvalidDataException("This FFmpeg has no decoder for AAC");

        var parameters = LibAvSound.avcodec_parameters_alloc();
        parameters->CodecType = LibAvSound.AVMEDIA_TYPE_AUDIO;
        parameters->CodecId = LibAvSound.AV_CODEC_ID_AAC;
        parameters->Extradata = (byte*)LibAvSound.av_mallocz((nuint)config.Length + LibAv.AV_INPUT_BUFFER_PADDING_SIZE);
        parameters->ExtradataSize = config.Length;
        config.CopyTo(new Span<byte>(parameters->Extradata, config.Length));
        _context = LibAv.avcodec_alloc_context3(decoder);
        int result = LibAvSound.avcodec_parameters_to_context(_context, parameters);
        LibAvSound.avcodec_parameters_free(&parameters);
        if (result >= 0)
            result = LibAv.avcodec_open2(_context, decoder, 0);
        _packet = LibAv.av_packet_alloc();
        _frame = LibAv.av_frame_alloc();
        if (result < 0)
        {
            Dispose();
            throw new InvalidDataException($"FFmpeg could not open the decoder (error {result})");
        }
    }

    public int Channels { get; }

    /// <summary>Forgets what came before: the next access unit does not continue it.</summary>
    public void Reset() => LibAvSound.avcodec_flush_buffers(_context);

    /// <param name="samples">Room for the sound of one access unit, channels in turn.</param>
    /// <returns>Samples per channel; 0 when the access unit cannot be decoded.</returns>
    public int Decode(ReadOnlySpan<byte> accessUnit, Span<short> samples)
    {
        if (accessUnit.Length is 0 or > MaxAccessUnit)
            return 0;
        accessUnit.CopyTo(new Span<byte>(_padded, MaxAccessUnit));
        new Span<byte>(_padded + accessUnit.Length, LibAv.AV_INPUT_BUFFER_PADDING_SIZE).Clear();
        _packet->Data = _padded;
        _packet->Size = accessUnit.Length;
        if (LibAv.avcodec_send_packet(_context, _packet) < 0 || LibAv.avcodec_receive_frame(_context, _frame) < 0)
            return 0;

        var sound = (AvSoundFrame*)_frame;
        if (sound->Samples <= 0 || sound->SampleRate <= 0 || sound->Channels is < 1 or > MaxChannels || !Resampler(sound))
            return 0;
        fixed (short* room = samples)
        {
            byte* output = (byte*)room;
            return Math.Max(0, LibAvSound.swr_convert(_resampler, &output, samples.Length / Channels, sound->Planes, sound->Samples));
        }
    }

    public void Dispose()
    {
        fixed (AvPacket** packet = &_packet)
        fixed (AvFrame** frame = &_frame)
        fixed (nint* context = &_context, resampler = &_resampler)
        {
            if (*packet != null)
            {
                (*packet)->Data = null;
                (*packet)->Size = 0;
            }

            LibAv.av_packet_free(packet);
            LibAv.av_frame_free(frame);
            LibAv.avcodec_free_context(context);
            LibAvSound.swr_free(resampler);
        }

        NativeMemory.Free(_padded);
    }

    /// <summary>The form of what is decoded is known with the first frame, and may change: SBR doubles the rate.</summary>
    private bool Resampler(AvSoundFrame* sound)
    {
        var form = (sound->Format, sound->SampleRate, sound->Channels);
        if (_resampler != 0 && form == _resampled)
            return true;
        fixed (nint* resampler = &_resampler)
            LibAvSound.swr_free(resampler);
        _resampled = form;
        _resampler = LibAvSound.swr_alloc_set_opts(
            0, LibAvSound.av_get_default_channel_layout(Channels), LibAvSound.AV_SAMPLE_FMT_S16, Rate,
            LibAvSound.av_get_default_channel_layout(sound->Channels), sound->Format, sound->SampleRate, 0, 0);
        return _resampler != 0 && LibAvSound.swr_init(_resampler) >= 0;
    }
}
