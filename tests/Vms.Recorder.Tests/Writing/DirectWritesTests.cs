using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Codecs;
using Vms.Containers.Mp4;
using Vms.Hosting;
using Vms.Native.Storage;
using Vms.Recorder.Archive;
using Vms.Recorder.Pools;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Writing;
using Vms.Testing;

namespace Vms.Recorder.Tests.Writing;

/// <summary>Writes past the page cache. All other tests of the recorder run with the default, and so with them where the disk of the
/// temporary directory takes them; the first test here says whether it does.</summary>
public sealed class DirectWritesTests
{
    private const int LinuxDirectFlag = 0x4000;
    private const int LinuxDirectFlagArm64 = 0x10000;

    [Fact]
    public async Task Recordings_go_past_the_page_cache_where_the_disk_takes_it()
    {
        await using var rig = await new RecorderRig(settings: "--VMS_RECORDER_DIRECT_IO=on").StartAsync();
        bool possible = IsPossible(rig.Data);
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(110);
        await rig.WrittenAsync("cam1", feed);
        string file = Assert.Single(rig.Files("cam1"));

        Assert.Equal(possible, rig.Get<PoolWriters>().Main.Direct.Active);
        Assert.Equal(possible, IsDirect(file));
        Assert.True(possible || !OperatingSystem.IsLinux(), "The temporary directory is on a file system without O_DIRECT: the recorder's tests do not cover it here");
        await rig.StopAsync();
        ArchiveJudge.AssertEveryFrameOnce(rig.Counters("cam1"), 0, feed.Next);
        await ArchiveJudge.AssertDecodesAsync(file);
    }

    [Fact]
    public async Task The_page_cache_takes_them_when_the_operator_says_so()
    {
        await using var rig = await new RecorderRig(settings: "--VMS_RECORDER_DIRECT_IO=off").StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(60);
        await rig.WrittenAsync("cam1", feed);

        Assert.False(rig.Get<PoolWriters>().Main.Direct.Active);
        Assert.False(IsDirect(Assert.Single(rig.Files("cam1"))));
    }

    [Fact]
    public async Task A_file_from_before_fragments_were_whole_blocks_goes_on_through_the_page_cache_and_the_next_one_past_it()
    {
        await using var rig = await new RecorderRig(settings: "--VMS_RECORDER_DIRECT_IO=on").StartAsync();
        bool possible = IsPossible(rig.Data);
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), DateTimeOffset.UtcNow.AddHours(-1));
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(110);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopAsync();
        string old = Assert.Single(rig.Files("cam1"));
        await File.WriteAllBytesAsync(old, UnpaddedSegment.Of(await File.ReadAllBytesAsync(old)));

        await rig.StartAsync();
        feed.Append(40);
        await rig.WrittenAsync("cam1", feed);
        Assert.Equal(old, Assert.Single(rig.Files("cam1")));
        Assert.False(IsDirect(old));

        await rig.StopRecordingAsync("cam1");
        ArchiveJudge.AssertEveryFrameOnce(rig.Counters("cam1"), 0, feed.Next);
        await ArchiveJudge.AssertDecodesAsync(old);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(60);
        await rig.WrittenAsync("cam1", feed);
        Assert.Equal(2, rig.Files("cam1").Count);
        Assert.Equal(possible, IsDirect(rig.Files("cam1")[^1]));
    }

    [Theory, InlineData(0), InlineData(1)]
    public async Task What_the_disk_refuses_is_written_through_the_page_cache(int misaligned)
    {
        using var directory = new TestDirectory();
        bool possible = IsPossible(directory.Path);
        var (bytes, header) = await FragmentAsync();
        byte[] array = GC.AllocateUninitializedArray<byte>(bytes.Length + (2 * FreeBox.BlockBytes), pinned: true);
        int start = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) & (FreeBox.BlockBytes - 1)) + misaligned;
        bytes.CopyTo(array.AsSpan(start));
        var segment = new SegmentFile(new SegmentName("cam1", "main", Rows.Start, Guid.CreateVersion7()), directory["segment.mp4"], [Rows.Track]);
        segment.Append(array.AsSpan(start, bytes.Length), header, reserveStep: 0, direct: true);
        if (misaligned == 0)
        {
            Assert.Equal(possible, segment.IsDirect);
        }

        segment.Append(array.AsSpan(start, bytes.Length), header, reserveStep: 0, direct: true);
        segment.Close();
        segment.Release();

        byte[] file = await File.ReadAllBytesAsync(segment.Path);
        Assert.Equal(Fmp4Writer.StoredInit([Rows.Track]), file[..^(2 * bytes.Length)]);
        Assert.Equal(bytes, file[^(2 * bytes.Length)..^bytes.Length]);
        Assert.Equal(bytes, file[^bytes.Length..]);
    }

    [Fact]
    public async Task A_file_that_has_no_such_writes_is_written_all_the_same()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var directory = new TestDirectory();
        var (bytes, header) = await FragmentAsync();
        string device = directory["segment.mp4"];
        File.CreateSymbolicLink(device, "/dev/null");       // a device without a page cache to pass by
        var segment = new SegmentFile(new SegmentName("cam1", "main", Rows.Start, Guid.CreateVersion7()), device, [Rows.Track]);
        segment.Append(bytes, header, reserveStep: 0, direct: true);

        Assert.False(segment.IsDirect);
        Assert.True(segment.HasFragments);
        segment.Release();
    }

    [Fact]
    public void A_disk_that_falls_behind_gets_the_page_cache_for_a_while_and_then_another_chance()
    {
        using var directory = new TestDirectory();
        using var pools = StoragePools.Open(directory.Path, StorageSettings.None, new RecorderOptions(), TimeProvider.System);
        var time = new ManualTimeProvider();
        var direct = new DirectWrites(pools.Main, new RecorderOptions(), time, NullLogger.Instance);
        const int Behind = DirectWrites.BacklogBytes + 1;

        Assert.True(direct.Wanted(Behind));                             // a pause of the disk
        time.Advance(DirectWrites.Patience - TimeSpan.FromMilliseconds(1));
        Assert.True(direct.Wanted(Behind));
        Assert.True(direct.Wanted(0));                                  // it has caught up
        time.Advance(DirectWrites.Patience);
        Assert.True(direct.Wanted(Behind));
        time.Advance(DirectWrites.Patience);
        Assert.False(direct.Wanted(Behind));
        time.Advance(DirectWrites.RetryInterval - TimeSpan.FromSeconds(1));
        Assert.False(direct.Wanted(0));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(direct.Wanted(Behind));                            // not while the page cache does not keep up either
        Assert.True(direct.Wanted(0));
    }

    private static async Task<(byte[] Bytes, FragmentHeader Header)> FragmentAsync()
    {
        var footage = await Footage.LoadAsync();
        var builder = new Fmp4FragmentBuilder();
        builder.BeginSegment([footage.Track], 1, epoch: 1);
        for (int i = 0; i < 5; i++)
        {
            var (payload, keyframe, pts) = footage.Sample(i);
            var flags = keyframe ? SampleFlags.Keyframe : 0;
            Assert.True(builder.AddSample(new SampleHeader(0, flags, GapCause.None, 1, pts, pts * 100 / 9), i, payload));
        }

        return (builder.Finish(out var header).ToArray(), header);
    }

    /// <summary>Asks the disk itself.</summary>
    private static bool IsPossible(string folder)
    {
        string path = Path.Combine(folder, "probe");
        byte[] array = GC.AllocateUninitializedArray<byte>(2 * FreeBox.BlockBytes, pinned: true);
        int start = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) & (FreeBox.BlockBytes - 1));
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        try
        {
            bool possible = StorageFile.TrySetDirect(file, direct: true);
            RandomAccess.Write(file, array.AsSpan(start, FreeBox.BlockBytes), 0);
            return possible;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>What the system says about the open file of this process.</summary>
    private static bool IsDirect(string path)
    {
        foreach (string link in OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd") : [])
        {
            if (TargetOf(link) == path && FlagsOf(Path.GetFileName(link)) is { } flags
                && (flags & (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? LinuxDirectFlagArm64 : LinuxDirectFlag)) != 0)
            {
                return true;
            }
        }

        return false;
    }

    private static string? TargetOf(string link)
    {
        try
        {
            return File.ResolveLinkTarget(link, returnFinalTarget: false)?.FullName;
        }
        catch (IOException)
        {
            return null;        // closed meanwhile
        }
    }

    private static int? FlagsOf(string descriptor)
    {
        try
        {
            string line = File.ReadLines($"/proc/self/fdinfo/{descriptor}").First(l => l.StartsWith("flags:", StringComparison.Ordinal));
            return Convert.ToInt32(line.AsSpan("flags:".Length).Trim().ToString(), 8);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
