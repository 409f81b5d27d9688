using Vms.Codecs;
using Vms.StreamLog;
using Vms.Testing.Footage;

namespace Vms.AiLoad;

/// <summary>A stream log that gets the footage's samples in real time, over and over, as media would write them.</summary>
internal sealed class LogCamera : IDisposable
{
    private readonly StreamLogWriter _writer;
    private readonly IReadOnlyList<FootageFrame> _frames;
    private readonly IReadOnlyList<byte[]> _samples;
    private readonly int _frameRate;
    private readonly TimeProvider _time;
    private long _next;

    /// <param name="offset">Frames by which it is ahead of the others: not all cameras have their keyframes at a time.</param>
    internal LogCamera(StreamLogDirectory logs, string cameraId, VideoFootage footage, IReadOnlyList<byte[]> samples, int offset, TimeProvider time)
    {
        (_frames, _samples, _frameRate, _time) = (footage.Frames, samples, footage.Spec.FrameRate, time);
        _writer = StreamLogWriter.Open(logs, StreamLogDirectory.NameOf(cameraId, "main"), new StreamLogOptions { InitialCapacityBytes = 8 << 20 }, time);
        _writer.SetTracks([footage.Track]);
        _next = offset / footage.Spec.GopLength * footage.Spec.GopLength;
        Began = time.GetTimestamp();
        First = _next;
    }

    private long Began { get; }

    private long First { get; }

    /// <summary>What is due by now.</summary>
    internal void Write()
    {
        long due = First + (long)(_time.GetElapsedTime(Began).TotalSeconds * _frameRate);
        for (; _next < due; _next++)
        {
            int frame = (int)(_next % _frames.Count);
            long captured = _time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
            SampleFlags flags = _frames[frame].IsKeyframe ? SampleFlags.Keyframe : SampleFlags.None;
            _writer.Append(new SampleHeader(0, flags, GapCause.None, _writer.TracksVersion, _next * 90_000 / _frameRate, captured), _samples[frame]);
        }
    }

    public void Dispose() => _writer.Dispose();
}
