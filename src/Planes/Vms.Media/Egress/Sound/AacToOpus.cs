using Vms.Codecs;
using Vms.Native.Ffmpeg;
using Vms.Native.Opus;

namespace Vms.Media.Egress.Sound;

/// <summary>AAC access units in, Opus packets of 20 ms out, on one timeline of 48 kHz. Runs in a child process only: it decodes what a
/// camera sends. One caller at a time.</summary>
/// <param name="config">AudioSpecificConfig.</param>
/// <param name="channels">Of the output: 1 or 2.</param>
internal sealed class AacToOpus(ReadOnlySpan<byte> config, int channels) : IDisposable
{
    /// <summary>A frame further off than this from where the last one ended does not continue it.</summary>
    private const int MaxStep = OpusEncoder.Rate / 10;

    /// <summary>Per channel: the longest access unit (2048 samples at 7350 Hz) and what was left of the one before.</summary>
    private const int Capacity = 16 * 1024;

    private readonly AacDecoder _decoder = new(config, channels);
    private readonly OpusEncoder _encoder = new(channels);
    private readonly short[] _samples = new short[Capacity * channels];
    private int _count;             // per channel, waiting
    private long _pts;              // of the first that waits
    private long _captureUs;        // the same
    private bool _discontinuity = true;

    public void Push(in SampleHeader header, ReadOnlySpan<byte> accessUnit)
    {
        if (header.IsDiscontinuity || Math.Abs(header.Pts - (_pts + _count)) > MaxStep)
        {
            _count = 0;
            _discontinuity = true;
            _decoder.Reset();
        }

        if (_count == 0)
            _pts = header.Pts;
        // Some samples of each access unit wait in the resampler: by the PTS, not by what is there.
        _captureUs = header.CaptureTimeUs + (_pts - header.Pts) * 1_000_000 / OpusEncoder.Rate;
        _count += _decoder.Decode(accessUnit, _samples.AsSpan(_count * channels));
    }

    /// <summary>The next packet, once there is sound enough for it.</summary>
    /// <param name="packet">At least <see cref="OpusEncoder.MaxPacketBytes"/>.</param>
    public bool TryTake(Span<byte> packet, out SampleHeader header, out int length)
    {
        header = new SampleHeader(0, _discontinuity ? SampleFlags.Discontinuity : SampleFlags.None, GapCause.None, 0, _pts, _captureUs);
        length = 0;
        if (_count < OpusEncoder.PacketSamples)
            return false;

        var used = _samples.AsSpan(0, OpusEncoder.PacketSamples * channels);
        length = _encoder.Encode(used, packet);
        _count -= OpusEncoder.PacketSamples;
        _samples.AsSpan(used.Length, _count * channels).CopyTo(_samples);
        _pts += OpusEncoder.PacketSamples;
        _captureUs += OpusEncoder.PacketSamples * 1_000_000L / OpusEncoder.Rate;
        _discontinuity = false;
        return true;
    }

    public void Dispose()
    {
        _decoder.Dispose();
        _encoder.Dispose();
    }
}
