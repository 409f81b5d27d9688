using Vms.Codecs;

namespace Vms.Media.Egress.Sound;

/// <summary>Frames between a thread that must not wait and one that may. What does not fit is dropped by the caller, who counts it.
/// Slots keep their memory. Any thread.</summary>
internal sealed class SoundQueue
{
    /// <summary>A second and a half of AAC at 48 kHz, or of Opus.</summary>
    private const int Capacity = 64;

    private readonly object _gate = new();
    private readonly SampleHeader[] _headers = new SampleHeader[Capacity];
    private readonly byte[][] _frames = new byte[Capacity][];
    private readonly int[] _lengths = new int[Capacity];
    private int _first;
    private int _count;
    private bool _closed;

    public SoundQueue() => Array.Fill(_frames, []);

    /// <returns>False when it is full.</returns>
    public bool TryAdd(in SampleHeader header, ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (_count == Capacity || _closed)
                return false;
            int slot = (_first + _count++) % Capacity;
            if (_frames[slot].Length < frame.Length)
                _frames[slot] = new byte[Math.Max(256, frame.Length * 3 / 2)];
            frame.CopyTo(_frames[slot]);
            (_headers[slot], _lengths[slot]) = (header, frame.Length);
            Monitor.Pulse(_gate);
        }

        return true;
    }

    public bool TryTake(Span<byte> room, out SampleHeader header, out int length)
    {
        lock (_gate)
        {
            header = _headers[_first];
            length = _lengths[_first];
            if (_count == 0)
                return false;
            _frames[_first].AsSpan(0, length).CopyTo(room);
            _first = (_first + 1) % Capacity;
            _count--;
            return true;
        }
    }

    /// <summary>Until something has been added or the queue is closed.</summary>
    /// <returns>False when it is closed.</returns>
    public bool Wait()
    {
        lock (_gate)
        {
            while (_count == 0 && !_closed)
                Monitor.Wait(_gate);
            return !_closed;
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
