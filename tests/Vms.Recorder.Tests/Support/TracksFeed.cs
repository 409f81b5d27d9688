using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Recorder.Archive;
using Vms.StreamLog;
using Vms.Testing.Footage;

namespace Vms.Recorder.Tests.Support;

/// <summary>Plays the media plane for a camera with any codec and sound: both tracks in one stream log in the order of their arrival,
/// every picture with its <see cref="FrameStamp"/>. The footage repeats.</summary>
internal sealed class TracksFeed : IDisposable
{
    private const long SoundLateUs = 120_000;

    private readonly VideoFootage? _video;
    private readonly AudioFootage? _sound;
    private readonly IReadOnlyList<byte[]> _samples;
    private readonly StreamLogWriter _writer;
    private readonly long _startUs;
    private readonly uint _tracksVersion;
    private long _soundTicks;

    public TracksFeed(StreamLogDirectory logs, string cameraId, VideoFootage? video, AudioFootage? sound, DateTimeOffset start)
    {
        _video = video;
        _sound = sound;
        _samples = video?.ToSamples() ?? [];
        _startUs = UnixTime.ToMicroseconds(start);
        _writer = StreamLogWriter.Open(logs, StreamLogDirectory.NameOf(cameraId, "main"), new StreamLogOptions(), TimeProvider.System);
        Tracks = [.. new[] { video?.Track, sound?.Track }.OfType<TrackInfo>()];
        _tracksVersion = _writer.SetTracks(Tracks);
    }

    public IReadOnlyList<TrackInfo> Tracks { get; }

    public long Frames { get; private set; }

    public long SoundFrames { get; private set; }

    public long NextSequence => _writer.NextSequence;

    /// <summary>Pictures, and the sound that arrives before each.</summary>
    public void Append(int frames)
    {
        for (int i = 0; i < frames; i++, Frames++)
        {
            long captureUs = _startUs + (Frames * 1_000_000 / _video!.Spec.FrameRate);
            AppendSound(captureUs - SoundLateUs);
            var frame = _video.Frames[(int)(Frames % _video.Frames.Count)];
            byte[] sei = new FrameStamp(1, (uint)Frames, 0).ToSei(_video.Track.Codec);
            byte[] length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, sei.Length);
            Write(new SampleHeader(
                0, frame.IsKeyframe ? SampleFlags.Keyframe : 0, 0, _tracksVersion, Frames * MediaTime.VideoTimescale / _video.Spec.FrameRate, captureUs),
                [.. length, .. sei, .. _samples[(int)(Frames % _samples.Count)]]);
        }
    }

    /// <summary>Sound that was captured until then.</summary>
    public void AppendSound(long untilUs)
    {
        while (_sound is { } sound && CaptureOfSound < untilUs)
        {
            var frame = sound.Frames[(int)(SoundFrames % sound.Frames.Count)];
            Write(new SampleHeader(1, 0, 0, _tracksVersion, 123_456 + _soundTicks, CaptureOfSound), frame.Data.Span);
            _soundTicks += frame.Ticks;
            SoundFrames++;
        }
    }

    public void Dispose() => _writer.Dispose();

    private long CaptureOfSound => _startUs - SoundLateUs + (_soundTicks * 1_000_000 / _sound!.Track.Timescale);

    private void Write(in SampleHeader header, ReadOnlySpan<byte> payload)
    {
        if (_writer.Append(header, payload) != AppendResult.Appended)
        {
            throw new InvalidOperationException("The stream log refused a sample");
        }
    }
}
