using Vms.Codecs;
using Vms.Media.Streams;
using Vms.StreamLog;
using Vms.Testing;

namespace Vms.Media.Tests.Egress;

/// <summary>An MJPEG camera without a wire: every picture is one real JPEG with its number behind the end of the image.</summary>
internal sealed class JpegFeed : IDisposable
{
    private static readonly byte[] s_jpeg =
        File.ReadAllBytes(Path.Combine(TestPaths.Repository, "src", "Planes", "Vms.Media", "Snapshots", "no-picture.jpg"));

    private readonly StreamLogWriter _writer;

    public JpegFeed(StreamLogDirectory logs, string cameraId)
    {
        Stream = new LiveStream(cameraId, "main", logs, TimeProvider.System);
        _writer = StreamLogWriter.Open(logs, Stream.LogName, new StreamLogOptions(), TimeProvider.System);
        TrackInfo[] tracks = [new TrackInfo(0, CodecKind.Mjpeg, 90_000, default, 640, 360)];
        _writer.SetTracks(tracks);
        Stream.PublishTracks(tracks);
    }

    public LiveStream Stream { get; }

    /// <summary>Pictures so far; the first has the number 0.</summary>
    public int Written { get; private set; }

    public static int NumberOf(ReadOnlySpan<byte> picture)
    {
        Assert.True(picture.StartsWith(s_jpeg));
        return BitConverter.ToInt32(picture[s_jpeg.Length..]);
    }

    public void Write()
    {
        var header = new SampleHeader(
            0, SampleFlags.Keyframe, GapCause.None, _writer.TracksVersion, Written * 9000,
            (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        Assert.Equal(AppendResult.Appended, _writer.Append(header, [.. s_jpeg, .. BitConverter.GetBytes(Written++)]));
        Stream.SignalSubscribers();
    }

    public void Dispose() => _writer.Dispose();
}
