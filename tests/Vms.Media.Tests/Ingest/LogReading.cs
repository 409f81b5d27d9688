using Vms.Codecs;
using Vms.Media.Pipelines;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Ingest;

/// <summary>A sample as a reader of the log sees it.</summary>
internal sealed record ReadSample(long Sequence, SampleHeader Header, FrameStamp Stamp, int Bytes);

/// <summary>An audio or metadata sample.</summary>
internal sealed record OtherSample(long Sequence, SampleHeader Header, byte[] Data);

/// <summary>Reads a pipeline's log from its beginning, as a recorder would.</summary>
internal sealed class LogReading(Pipeline pipeline) : IDisposable
{
    private StreamLogReader? _reader;

    /// <summary>Of the video track.</summary>
    public List<ReadSample> Samples { get; } = [];

    /// <summary>Of all other tracks.</summary>
    public List<OtherSample> Others { get; } = [];

    public IEnumerable<uint> Frames => Samples.Select(s => s.Stamp.Frame);

    /// <summary>Reads on until at least that many samples were read in all.</summary>
    public Task UntilCountAsync(int count) => UntilAsync(() => Samples.Count >= count, $"{count} samples");

    public Task UntilAsync(Func<bool> condition, string text) =>
        Eventually.TrueAsync(
            () =>
            {
                ReadOn();
                return condition();
            },
            text: text);

    public void ReadOn()
    {
        _reader ??= pipeline.Live.TryOpenReader();
        while (_reader is not null)
        {
            var outcome = _reader.TryRead(out var lease);
            if (outcome is ReadOutcome.Empty or ReadOutcome.Closed)
                return;

            Assert.NotEqual(ReadOutcome.Overrun, outcome);
            if (outcome != ReadOutcome.Sample)
                continue;

            if (lease.Header.TrackId != 0)
            {
                var other = new OtherSample(lease.Sequence, lease.Header, lease.Payload.ToArray());
                Assert.True(lease.Commit(verifyChecksum: true));
                Others.Add(other);
                continue;
            }

            Assert.True(FrameStamp.TryFind(lease.Payload, out var stamp), "every sample carries the stamp of its frame");
            var sample = new ReadSample(lease.Sequence, lease.Header, stamp, lease.Payload.Length);
            Assert.True(lease.Commit(verifyChecksum: true));
            Samples.Add(sample);
        }
    }

    /// <summary>Frame numbers without a hole and without a repetition, PTS and sequence growing.</summary>
    public void AssertGapless()
    {
        foreach (var (before, after) in Samples.Zip(Samples.Skip(1)))
        {
            Assert.Equal(before.Stamp.Frame + 1, after.Stamp.Frame);
            Assert.Equal(before.Sequence + 1, after.Sequence);
            Assert.True(after.Header.Pts > before.Header.Pts);
            Assert.False(after.Header.IsDiscontinuity);
        }
    }

    /// <summary>As <see cref="AssertGapless"/>, where samples of other tracks stand between the pictures.</summary>
    public void AssertPictures()
    {
        foreach (var (before, after) in Samples.Zip(Samples.Skip(1)))
        {
            Assert.Equal(before.Stamp.Frame + 1, after.Stamp.Frame);
            Assert.True(after.Header.Pts > before.Header.Pts);
            Assert.False(after.Header.IsDiscontinuity);
        }
    }

    public void Dispose() => _reader?.Dispose();
}
