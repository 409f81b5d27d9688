namespace Vms.Native.Opus;

/// <summary>Encodes 16-bit sound of 48 kHz as Opus packets of 20 ms, by libopus. One caller at a time.</summary>
public sealed unsafe class OpusEncoder : IDisposable
{
    public const int Rate = 48_000;

    /// <summary>Per channel and packet.</summary>
    public const int PacketSamples = Rate / 50;

    /// <summary>What libopus recommends as room for a packet fits into one RTP packet at the rates it chooses by itself.</summary>
    public const int MaxPacketBytes = 1100;

    private readonly int _channels;
    private nint _encoder;

    /// <param name="channels">1 or 2.</param>
    /// <exception cref="InvalidDataException">libopus refuses.</exception>
    /// <exception cref="DllNotFoundException">It is not installed; the message names the package.</exception>
    public OpusEncoder(int channels)
    {
        _channels = channels;
        int error;
        _encoder = LibOpus.opus_encoder_create(Rate, channels, LibOpus.OPUS_APPLICATION_AUDIO, &error);
        if (_encoder == 0)
            throw new InvalidDataException($"libopus could not make an encoder for {channels} channels (error {error})");
    }

    /// <param name="samples">Channels in turn: <see cref="PacketSamples"/> of each.</param>
    /// <param name="packet">At least <see cref="MaxPacketBytes"/>.</param>
    /// <returns>Bytes written.</returns>
    public int Encode(ReadOnlySpan<short> samples, Span<byte> packet)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(samples.Length, PacketSamples * _channels);
        fixed (short* input = samples)
        fixed (byte* output = packet)
        {
            int written = LibOpus.opus_encode(_encoder, input, PacketSamples, output, Math.Min(packet.Length, MaxPacketBytes));
            return written > 0 ? written : throw new InvalidDataException($"libopus could not encode (error {written})");
        }
    }

    public void Dispose()
    {
        if (_encoder != 0)
            LibOpus.opus_encoder_destroy(_encoder);
        _encoder = 0;
    }
}
