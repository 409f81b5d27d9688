using Vms.Media.Egress.Cmaf;
using Vms.Media.Egress.Mse;

namespace Vms.Media.Tests.Egress;

/// <summary>A viewer's queue in front of a socket that is fast, slow or gone.</summary>
public sealed class MseViewerTests
{
    private readonly CmafMessagePool _pool = new();
    private readonly SlowSocket _socket = new();
    private int _broken;

    [Fact]
    public async Task A_fast_viewer_gets_everything_in_order()
    {
        var viewer = Viewer();
        Enqueue(viewer, keyframe: true, 10, 1);
        Enqueue(viewer, keyframe: false, 10, 2);
        viewer.Pump();
        _socket.Open();
        await Testing.Eventually.TrueAsync(() => viewer.FragmentsSent == 2);
        Assert.Equal([1, 2], _socket.Sent);
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public async Task A_slow_viewer_loses_whole_groups_of_pictures_and_no_memory()
    {
        var viewer = Viewer();
        Enqueue(viewer, keyframe: true, 10, 1);
        viewer.Pump();
        _socket.Open();
        await Testing.Eventually.TrueAsync(() => viewer.FragmentsSent == 1);
        _socket.Stall();

        for (byte i = 2; i < 20; i++)       // a megabyte each: more than may wait
            Enqueue(viewer, keyframe: false, 1 << 20, i);
        viewer.Pump();
        Assert.True(viewer.FragmentsDropped > 0);
        Enqueue(viewer, keyframe: false, 10, 100);      // still no keyframe
        Enqueue(viewer, keyframe: true, 10, 101);
        Enqueue(viewer, keyframe: false, 10, 102);
        viewer.Pump();
        _socket.Open();
        await Testing.Eventually.TrueAsync(() => _socket.Sent.Contains((byte)102));
        Assert.DoesNotContain((byte)100, _socket.Sent);
        Assert.Equal([101, 102], _socket.Sent[^2..]);
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public async Task New_parameters_come_before_the_keyframe_that_needs_them_and_survive_a_drop()
    {
        var viewer = Viewer();
        Enqueue(viewer, keyframe: true, 10, 1);
        viewer.Pump();
        _socket.Open();
        await Testing.Eventually.TrueAsync(() => viewer.FragmentsSent == 1);
        _socket.Stall();
        Enqueue(viewer, keyframe: false, 8 << 20, 2);
        viewer.Pump();
        Enqueue(viewer, keyframe: false, 8 << 20, 3);
        Configure(viewer, init: 50);
        Enqueue(viewer, keyframe: false, 10, 4);        // of the old parameters
        Enqueue(viewer, keyframe: true, 10, 60);
        _socket.Open();
        await Testing.Eventually.TrueAsync(() => _socket.Sent.Contains((byte)60));
        Assert.Equal([50, 60], _socket.Sent[^2..]);
        viewer.Drop();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public async Task A_viewer_that_has_gone_gives_everything_back()
    {
        var viewer = Viewer();
        Enqueue(viewer, keyframe: true, 10, 1);
        viewer.Pump();
        Enqueue(viewer, keyframe: false, 10, 2);
        _socket.Break();
        await Testing.Eventually.TrueAsync(() => Volatile.Read(ref _broken) == 1);
        Enqueue(viewer, keyframe: true, 10, 3);
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void A_frame_to_a_viewer_that_keeps_up_allocates_nothing()
    {
        var viewer = Viewer();
        _socket.Open(record: false);
        long Run(int count)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < count; i++)
            {
                Enqueue(viewer, keyframe: i == 0, 20_000, 1);
                viewer.Pump();
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Run(100);
        // What others do in the process can have a collection empty the pool in the middle of a run, but not of each.
        Assert.Contains(0, new[] { Run(1000), Run(1000), Run(1000) });
        Assert.Equal(3100, viewer.FragmentsSent);
    }

    private MseViewer Viewer() => new(_socket, "tester", default, () => Interlocked.Increment(ref _broken));

    private void Enqueue(MseViewer viewer, bool keyframe, int length, byte value)
    {
        var message = _pool.Rent();
        message.Rent(CmafMessageKind.Fragment, keyframe, WebSocketOpcode.Binary, length)[0] = value;
        viewer.Enqueue(message);
        message.Release();
    }

    private void Configure(MseViewer viewer, byte init)
    {
        var description = _pool.Rent();
        description.Rent(CmafMessageKind.Description, false, WebSocketOpcode.Text, 1)[0] = 49;
        var segment = _pool.Rent();
        segment.Rent(CmafMessageKind.Init, false, WebSocketOpcode.Binary, 1)[0] = init;
        viewer.Configure(description, segment);
        description.Release();
        segment.Release();
    }

    [Fact]
    public async Task A_viewer_whose_socket_takes_nothing_is_ended()
    {
        var viewer = Viewer();
        Enqueue(viewer, keyframe: true, 10, 1);
        viewer.Pump();
        viewer.EndIfStalled(TimeSpan.FromSeconds(1));
        viewer.EndIfStalled(TimeSpan.FromSeconds(20));
        Assert.Equal(0, _broken);
        viewer.EndIfStalled(TimeSpan.FromSeconds(22));
        Assert.Equal(1, _broken);
        _socket.Open();
        await Testing.Eventually.TrueAsync(() => viewer.FragmentsSent == 1);
    }

    [Fact]
    public async Task A_viewer_that_pings_and_does_not_read_keeps_a_handful_of_answers_waiting()
    {
        var viewer = Viewer();
        for (int i = 0; i < 10_000; i++)
            viewer.Reply(WebSocketOpcode.Pong, [9]);
        _socket.Open();
        Enqueue(viewer, keyframe: true, 10, 1);
        viewer.Pump();
        await Testing.Eventually.TrueAsync(() => viewer.FragmentsSent == 1);
        Assert.InRange(_socket.Sent.Count(b => b == 9), 1, 5);      // one on its way, four behind it
        viewer.Reply(WebSocketOpcode.Pong, [9]);
        viewer.Reply(WebSocketOpcode.Close, [7, 7]);
        await Testing.Eventually.TrueAsync(() => _socket.Sent[^2..] is [9, 7]);
    }

    /// <summary>A socket that takes messages only while it is open.</summary>
    private sealed class SlowSocket : MseOutput
    {
        private volatile TaskCompletionSource _open = New();
        private bool _record = true;

        /// <summary>First payload byte of each frame.</summary>
        public List<byte> Sent { get; } = [];

        public void Open(bool record = true)
        {
            _record = record;
            _open.TrySetResult();
        }

        public void Stall() => _open = New();

        public void Break() => _open.TrySetException(new IOException("gone"));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> frame)
        {
            var bytes = frame.Span;
            byte first = bytes[bytes[1] < 126 ? 2 : bytes[1] == 126 ? 4 : 10];
            if (_open.Task.IsCompletedSuccessfully)
            {
                Note(first);
                return ValueTask.CompletedTask;
            }

            return SendLaterAsync(first);
        }

        private async ValueTask SendLaterAsync(byte first)
        {
            await _open.Task;
            Note(first);
        }

        private void Note(byte first)
        {
            if (!_record)
                return;
            lock (Sent)
                Sent.Add(first);
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
