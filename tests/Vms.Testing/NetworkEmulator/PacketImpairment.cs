namespace Vms.Testing.NetworkEmulator;

/// <summary>Loses, doubles and reorders packets by a seeded generator: the same packets meet the same fate in every run.
/// Any thread.</summary>
public sealed class PacketImpairment(int seed)
{
    /// <summary>Receives the packets that get through; borrowed for the call.</summary>
    public delegate void Sink(ReadOnlySpan<byte> packet);

    private readonly Random _random = new(seed);
    private readonly Lock _gate = new();
    private readonly Queue<(byte[] Packet, int Passes)> _held = new();
    private double _loss;
    private double _duplication;
    private double _reordering;
    private int _depth = 3;
    private long _passed;
    private long _jitterTicks;

    /// <summary>Share of packets that are lost, 0 to 1.</summary>
    public double Loss { get => Volatile.Read(ref _loss); set => Volatile.Write(ref _loss, value); }

    /// <summary>Share of packets that come twice.</summary>
    public double Duplication { get => Volatile.Read(ref _duplication); set => Volatile.Write(ref _duplication, value); }

    /// <summary>Share of packets that are overtaken by the next <see cref="ReorderDepth"/>.</summary>
    public double Reordering { get => Volatile.Read(ref _reordering); set => Volatile.Write(ref _reordering, value); }

    public int ReorderDepth { get => Volatile.Read(ref _depth); set => Volatile.Write(ref _depth, value); }

    /// <summary>Each packet is late by something between nothing and this.</summary>
    public TimeSpan Jitter { get => new(Volatile.Read(ref _jitterTicks)); set => Volatile.Write(ref _jitterTicks, value.Ticks); }

    public long Lost { get; private set; }

    public long Duplicated { get; private set; }

    public long Reordered { get; private set; }

    public void Pass(ReadOnlySpan<byte> packet, Sink sink)
    {
        lock (_gate)
        {
            _passed++;
            if (Hits(Loss))
            {
                Lost++;
            }
            else if (Hits(Reordering))
            {
                Reordered++;
                _held.Enqueue((packet.ToArray(), (int)_passed + ReorderDepth));
            }
            else
            {
                sink(packet);
                if (Hits(Duplication))
                {
                    Duplicated++;
                    sink(packet);
                }
            }

            while (_held.TryPeek(out var held) && held.Passes <= _passed)
                sink(_held.Dequeue().Packet);
        }
    }

    /// <summary>How late the next packet is.</summary>
    internal TimeSpan NextDelay()
    {
        lock (_gate)
            return Jitter * _random.NextDouble();
    }

    private bool Hits(double share) => share > 0 && _random.NextDouble() < share;
}
