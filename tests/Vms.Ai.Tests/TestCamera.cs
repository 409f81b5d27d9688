using Vms.Codecs;
using Vms.StreamLog;

namespace Vms.Ai.Tests;

/// <summary>A writer such as media has, with samples of no particular content.</summary>
internal sealed class TestCamera : IDisposable
{
    private readonly StreamLogDirectory _logs;
    private readonly string _name;
    private StreamLogWriter _writer;

    internal TestCamera(StreamLogDirectory logs, string cameraId, long initialBytes = 1 << 20)
    {
        _logs = logs;
        _name = StreamLogDirectory.NameOf(cameraId, "main");
        Options = new StreamLogOptions { InitialCapacityBytes = initialBytes };
        _writer = Open();
    }

    internal StreamLogOptions Options { get; }

    internal StreamLogWriter Writer => _writer;

    internal void Append(int samples, int length = 1000)
    {
        var payload = new byte[length];
        for (int i = 0; i < samples; i++)
        {
            long sequence = _writer.NextSequence;
            SampleFlags flags = sequence % 10 == 1 ? SampleFlags.Keyframe : SampleFlags.None;
            Assert.Equal(AppendResult.Appended, _writer.Append(new SampleHeader(0, flags, GapCause.None, 1, sequence * 3600, sequence * 40_000), payload));
        }
    }

    /// <summary>The media plane dies and comes back.</summary>
    internal void RestartWriter()
    {
        _writer.Dispose();
        _writer = Open();
    }

    /// <summary>The stream is taken away and set up again: another log under the same name.</summary>
    internal void CloseAndOpenAgain()
    {
        _writer.Close();
        _writer = Open();
    }

    private StreamLogWriter Open()
    {
        StreamLogWriter writer = StreamLogWriter.Open(_logs, _name, Options, TimeProvider.System);
        writer.SetTracks([new TrackInfo(0, CodecKind.H264, 90_000, new byte[] { 1 }, 640, 480)]);
        return writer;
    }

    public void Dispose() => _writer.Dispose();
}
