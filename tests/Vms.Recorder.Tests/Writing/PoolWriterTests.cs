using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Writing;
using Vms.Testing;

namespace Vms.Recorder.Tests.Writing;

public sealed class PoolWriterTests
{
    [Fact]
    public async Task An_empty_segment_that_cannot_be_removed_does_not_end_the_writer()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;     // no file there that not even an administrator may remove
        }

        await using var rig = await new RecorderRig().StartAsync();
        var empty = new SegmentFile(new SegmentName("cam1", "main", Rows.Start, Guid.CreateVersion7()), "/proc/version", [Rows.Track]);
        rig.Get<OpenSegments>().Add(empty);
        var queue = rig.Get<PoolWriters>().Main.Queue;
        queue.AddClose(rig.Ledgers.Of("cam1", "main"), empty);
        await Eventually.TrueAsync(() => rig.Ledgers.Of("cam1", "main").Queued == 0);
        Assert.False(rig.Get<OpenSegments>().Contains(empty.Name.Id));

        using var feed = new CameraFeed(rig.Logs, "cam2", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam2");
        feed.Append(60);
        await rig.WrittenAsync("cam2", feed);
    }
}
