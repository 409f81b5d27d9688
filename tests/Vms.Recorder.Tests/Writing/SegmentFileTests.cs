using System.Globalization;
using Vms.Codecs;
using Vms.Containers.Mp4;
using Vms.Native.Storage;
using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Writing;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Writing;

/// <summary>Space that is reserved for a segment, in steps of a megabyte; fragments take a quarter of that.</summary>
public sealed class SegmentFileTests : IDisposable
{
    private const int Step = 1 << 20;
    private const int FragmentBytes = Step / 4;

    private readonly TestDirectory _directory = new();
    private readonly Fmp4FragmentBuilder _builder = new();
    private readonly ArchiveLayout _layout;
    private readonly SegmentName _name = new("cam1", "main", Rows.Start, Guid.CreateVersion7());
    private long _samples;

    public SegmentFileTests() => _layout = new ArchiveLayout(_directory.Path);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_short_segment_takes_no_more_than_what_is_in_it()
    {
        var segment = Begin();
        Append(segment, fragments: 3);
        Assert.InRange(await TakenAsync(), segment.Length, segment.Length + (Step / 4));
        End(segment);
        Assert.Equal(segment.Length, new FileInfo(segment.Path).Length);
    }

    [Fact]
    public async Task A_long_segment_reserves_ahead_and_gives_back_what_it_did_not_need()
    {
        var segment = Begin();
        Append(segment, fragments: 5);
        Assert.True(!CanReserve() || await TakenAsync() >= segment.Length + (Step / 2), $"{await TakenAsync()} bytes taken");
        End(segment);
        Assert.InRange(await TakenAsync(), segment.Length, segment.Length + (Step / 4));
        Assert.Equal(segment.Length, new FileInfo(segment.Path).Length);
    }

    [Fact]
    public async Task What_a_run_before_has_reserved_is_given_back_as_well()
    {
        var before = Begin();
        Append(before, fragments: 2);
        StorageFile.Reserve(before.Handle!, before.Length, 4 * Step);
        before.Release();       // as when the process dies

        SegmentFile segment;
        using (var file = new FileStream(before.Path, FileMode.Open, FileAccess.Read))
        {
            segment = TailRecovery.Load(_name, before.Path, file, verifyLast: 1)!;
        }

        Append(segment, fragments: 1);
        Assert.True(!CanReserve() || await TakenAsync() > 4 * Step);
        End(segment);
        Assert.InRange(await TakenAsync(), segment.Length, segment.Length + (Step / 4));
    }

    private SegmentFile Begin()
    {
        _builder.BeginSegment([Rows.Track], 1, 1);
        return new SegmentFile(_name, _layout.PathOf(_name), [Rows.Track]);
    }

    private void Append(SegmentFile segment, int fragments)
    {
        for (int i = 0; i < fragments; i++, _samples++)
        {
            var header = new SampleHeader(0, SampleFlags.Keyframe, GapCause.None, 1, _samples * 90_000, UnixTime.ToMicroseconds(Rows.Start) + (_samples * 1_000_000));
            Assert.True(_builder.AddSample(header, _samples, new byte[FragmentBytes - FreeBox.BlockBytes]));
            segment.Append(_builder.Finish(out var fragment).Span, fragment, Step, direct: false);
        }
    }

    private static void End(SegmentFile segment)
    {
        segment.Close();
        RandomAccess.FlushToDisk(segment.Handle!);
        segment.Release();
    }

    /// <summary>Some file systems have no such thing.</summary>
    private bool CanReserve()
    {
        using var file = File.OpenHandle(_directory["probe"], FileMode.Create, FileAccess.ReadWrite);
        return StorageFile.Reserve(file, 0, Step);
    }

    private async Task<long> TakenAsync() =>
        512 * long.Parse(await ChildProcess.RunAsync("stat", ["-c", "%b", _layout.PathOf(_name)]), CultureInfo.InvariantCulture);
}
