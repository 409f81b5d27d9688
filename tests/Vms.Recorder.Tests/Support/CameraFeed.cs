using Vms.Codecs;
using Vms.Recorder.Archive;
using Vms.StreamLog;

namespace Vms.Recorder.Tests.Support;

/// <summary>Plays the media plane: writes footage into a stream log, as fast as asked, with capture times of its own.</summary>
internal sealed class CameraFeed : IDisposable
{
    private const long FrameUs = 1_000_000 / Footage.FramesPerSecond;

    private Footage _footage;
    private readonly StreamLogWriter _writer;
    private readonly long _startUs;
    private long _shiftUs;
    private long _ptsShift;
    private GapCause _cause;
    private uint _tracksVersion;

    public CameraFeed(StreamLogDirectory logs, string cameraId, Footage footage, DateTimeOffset start, StreamLogOptions? options = null, string stream = "main")
    {
        _footage = footage;
        _startUs = UnixTime.ToMicroseconds(start);
        _writer = StreamLogWriter.Open(logs, StreamLogDirectory.NameOf(cameraId, stream), options ?? new StreamLogOptions(), TimeProvider.System);
        _tracksVersion = _writer.SetTracks([footage.Track]);
    }

    /// <summary>Counter of the next frame.</summary>
    public long Next { get; private set; }

    /// <summary>Payload written so far.</summary>
    public long Bytes { get; private set; }

    public StreamLogWriter Log => _writer;

    public DateTimeOffset Start => UnixTime.FromMicroseconds(_startUs);

    /// <summary>Capture time of the next frame.</summary>
    public DateTimeOffset Now => UnixTime.FromMicroseconds(_startUs + _shiftUs + (Next * FrameUs));

    public void Append(int frames)
    {
        for (int i = 0; i < frames; i++)
        {
            var (payload, keyframe, pts) = _footage.Sample(Next);
            var flags = (keyframe ? SampleFlags.Keyframe : 0) | (_cause != GapCause.None ? SampleFlags.Discontinuity : 0);
            var header = new SampleHeader(0, flags, _cause, _tracksVersion, pts + _ptsShift, _startUs + _shiftUs + (Next * FrameUs));
            _cause = GapCause.None;
            if (_writer.Append(header, payload) != AppendResult.Appended)
            {
                throw new InvalidOperationException("The stream log refused a sample");
            }

            Next++;
            Bytes += payload.Length;
        }
    }

    /// <summary>Frames up to the next keyframe are not written, and wall time passes; the next sample is flagged.</summary>
    /// <param name="restartClock">PTS begins elsewhere, as after a new RTSP session.</param>
    public void Interrupt(TimeSpan away, GapCause cause, bool restartClock)
    {
        while (!_footage.Sample(Next).Keyframe)
        {
            Next++;
        }

        _shiftUs += (long)away.TotalMicroseconds;
        _ptsShift += restartClock ? 987_654_321 : (long)(away.TotalSeconds * 90_000);
        _cause = cause;
    }

    /// <summary>The wall clock is set; frames go on.</summary>
    public void StepClock(TimeSpan step)
    {
        _shiftUs += (long)step.TotalMicroseconds;
        _cause = GapCause.ClockStep;
    }

    /// <summary>The camera changes its picture; from here on footage of another shape comes, from its own first keyframe on.</summary>
    public void Show(Footage footage)
    {
        _footage = footage;
        _tracksVersion = _writer.SetTracks([footage.Track]);
    }

    public void Dispose() => _writer.Dispose();
}
