using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Contracts.Recorder;
using Vms.Recorder.Gaps;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Writing;
using Vms.Testing;

namespace Vms.Recorder.Tests.Writing;

public sealed class AllocationTests
{
    [Theory]
    [InlineData("continuous", true)]
    [InlineData("motion", false)]
    public async Task Draining_samples_allocates_nothing_whether_they_are_recorded_or_passed_over(string mode, bool recorded)
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        // The same parts as in the running recorder, driven by this thread so that its allocations can be counted.
        // Time stands still: on a busy machine a second without a sample is a fragment more than usual.
        var time = new ManualTimeProvider(Rows.Start);
        var ledger = new StreamLedger("cam1", "main", time);
        using var pools = ActivatorUtilities.CreateInstance<PoolWriters>(rig.Get<IServiceProvider>());
        var queue = pools.Main.Queue;
        var context = rig.Get<RecorderContext>() with { Pools = pools, Logger = NullLogger.Instance, Time = time };
        var spec = new RecordingSpec { CameraId = "cam1", Stream = "main", Mode = mode, SegmentSeconds = 1800 };
        var writer = new RecordingWriter(context, spec, ledger, tail: null, resume: false);
        int fragments = 0;
        Minute();       // buffers find their size
        // What the runtime makes once, as the first time that two threads want the same lock, it does not make a second and a third time.
        long[] allocated = [Minute(), Minute(), Minute()];
        Assert.True(allocated.Contains(0), $"{string.Join(", ", allocated)} bytes in a minute each");
        Assert.Equal(recorded, fragments > 0);

        long Minute()
        {
            long sum = 0;
            for (int second = 0; second < 60; second++)
            {
                feed.Append(25);
                long before = GC.GetAllocatedBytesForCurrentThread();
                while (writer.Drain())
                {
                }

                sum += GC.GetAllocatedBytesForCurrentThread() - before;
                while (queue.TryTake(TimeSpan.Zero, out var job))
                {
                    fragments += job.Kind == WriteKind.Fragment ? 1 : 0;
                    queue.Done(job);
                }
            }

            return sum;
        }
    }
}
