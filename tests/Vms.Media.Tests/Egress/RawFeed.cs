using Vms.Codecs;
using Vms.Media.Streams;
using Vms.StreamLog;

namespace Vms.Media.Tests.Egress;

/// <summary>A camera without a wire whose samples are the test's own: for what no footage shows.</summary>
internal sealed class RawFeed : IDisposable
{
    private readonly StreamLogWriter _writer;
    private int _written;

    public RawFeed(StreamLogDirectory logs, string cameraId, TrackInfo video)
    {
        Stream = new LiveStream(cameraId, "main", logs, TimeProvider.System);
        _writer = StreamLogWriter.Open(logs, Stream.LogName, new StreamLogOptions { InitialCapacityBytes = 64 << 20 }, TimeProvider.System);
        _writer.SetTracks([video]);
        Stream.PublishTracks([video]);
    }

    public LiveStream Stream { get; }

    public void Write(ReadOnlySpan<byte> payload, bool isKeyframe) => Write(payload, isKeyframe, _written * 3600L, TimeProvider.System.GetUtcNow());

    public void Write(ReadOnlySpan<byte> payload, bool isKeyframe, long pts, DateTimeOffset capturedAt)
    {
        var header = new SampleHeader(
            0, isKeyframe ? SampleFlags.Keyframe : SampleFlags.None, GapCause.None, _writer.TracksVersion, pts,
            (capturedAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        Assert.Equal(AppendResult.Appended, _writer.Append(header, payload));
        _written++;
        Stream.SignalSubscribers();
    }

    public void Dispose() => _writer.Dispose();
}
