namespace Vms.Testing.NetworkEmulator;

/// <summary>Holds packets until their time has come, by a thread of its own. What is late enough is overtaken. Any thread.</summary>
internal sealed class DelayLine : IDisposable
{
    private readonly PriorityQueue<(byte[] Packet, PacketImpairment.Sink Sink), long> _waiting = new();
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _sooner = new(initialState: false);
    private Thread? _thread;
    private volatile bool _stopping;

    public void Pass(ReadOnlySpan<byte> packet, TimeSpan delay, PacketImpairment.Sink sink)
    {
        if (delay <= TimeSpan.Zero)
        {
            sink(packet);
            return;
        }

        lock (_gate)
        {
            _waiting.Enqueue((packet.ToArray(), sink), Environment.TickCount64 + (long)delay.TotalMilliseconds);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "delay line" };
                _thread.Start();
            }
        }

        _sooner.Set();
    }

    /// <summary>What still waits is lost.</summary>
    public void Dispose()
    {
        _stopping = true;
        _sooner.Set();
        _thread?.Join();
        _sooner.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            int wait = Timeout.Infinite;
            while (TryTakeDue(out var due, ref wait))
                due.Sink(due.Packet);
            _sooner.WaitOne(wait);
        }
    }

    private bool TryTakeDue(out (byte[] Packet, PacketImpairment.Sink Sink) due, ref int wait)
    {
        lock (_gate)
        {
            due = default;
            wait = Timeout.Infinite;
            if (!_waiting.TryPeek(out _, out long at))
                return false;
            wait = (int)Math.Max(0, at - Environment.TickCount64);
            if (wait > 0)
                return false;
            due = _waiting.Dequeue();
            return true;
        }
    }
}
