using FsCheck;
using FsCheck.Fluent;
using Vms.Containers.Mp4;
using Vms.Recorder.Archive;
using Vms.Recorder.Gaps;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Tests.Writing;

public sealed class WriteQueueTests
{
    private const int Capacity = 1000;

    [Fact]
    public void Fragments_come_out_whole_and_in_order_whatever_the_sizes() =>
        Prop.ForAll(
                Arb.From(Gen.ListOf(Gen.Choose(-3, 600))),
                sizes => Survives([.. sizes]))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void A_stream_knows_how_many_of_its_jobs_wait_in_whichever_queue()
    {
        var ledger = new StreamLedger("cam1", "main", TimeProvider.System);
        var queues = new[] { new WriteQueue(Capacity), new WriteQueue(Capacity) };
        queues[0].AddClose(ledger, Segment());
        queues[1].AddClose(ledger, Segment());
        Assert.Equal(2, ledger.Queued);
        foreach (var queue in queues)
        {
            Assert.True(queue.TryTake(TimeSpan.Zero, out var job));
            queue.Done(job);
        }

        Assert.Equal(0, ledger.Queued);
    }

    [Fact]
    public void More_jobs_without_bytes_than_anybody_expects_push_no_fragment_out()
    {
        var queue = new WriteQueue(Capacity);
        var ledger = new StreamLedger("cam1", "main", TimeProvider.System);
        var segment = Segment();
        queue.AddClose(ledger, Segment());
        Assert.True(queue.TryTake(TimeSpan.Zero, out var first));
        queue.Done(first);      // the ring does not begin at its first place
        queue.AddFragment(ledger, segment, default, new byte[100]);
        for (int i = 0; i < 10_000; i++)
        {
            queue.AddGap(ledger, Rows.Gap("cam1", i, 1));
        }

        Assert.False(queue.HasRoom(1));
        Assert.True(queue.TryTake(TimeSpan.Zero, out var job));
        Assert.Equal((WriteKind.Fragment, segment), (job.Kind, job.Segment));
        queue.Done(job);
        for (int i = 0; i < 10_000; i++)
        {
            Assert.True(queue.TryTake(TimeSpan.Zero, out job));
            Assert.Equal(Rows.Gap("cam1", i, 1), job.Gap);
            queue.Done(job);
        }

        Assert.True(queue.IsEmpty);
        Assert.True(queue.HasRoom(Capacity));
    }

    /// <summary>Positive: add a fragment of that size when there is room. Else: take that many jobs.</summary>
    private static bool Survives(int[] steps)
    {
        var queue = new WriteQueue(Capacity);
        var ledger = new StreamLedger("cam1", "main", TimeProvider.System);
        var segment = Segment();
        var expected = new Queue<byte[]>();
        byte next = 0;
        foreach (int step in steps)
        {
            if (step > 0 && queue.HasRoom(step))
            {
                byte[] fragment = new byte[step];
                Array.Fill(fragment, next++);
                expected.Enqueue(fragment);
                queue.AddFragment(ledger, segment, default(FragmentHeader), fragment);
            }

            for (int i = 0; i < -step && queue.TryTake(TimeSpan.Zero, out var job); i++)
            {
                if (!queue.BytesOf(job).SequenceEqual(expected.Dequeue()))
                {
                    return false;
                }

                queue.Done(job);
            }
        }

        return queue.QueuedBytes == expected.Sum(f => f.Length) && (expected.Count > 0 || queue.HasRoom(Capacity));
    }

    private static SegmentFile Segment() =>
        new(new SegmentName("cam1", "main", Rows.Start, Guid.CreateVersion7()), "/pool/none.mp4", [Rows.Track]);
}
