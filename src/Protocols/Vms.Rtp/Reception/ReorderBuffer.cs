using System.Buffers.Binary;
using System.Numerics;

namespace Vms.Rtp.Reception;

/// <summary>What <see cref="ReorderBuffer.Push"/> did with a packet.</summary>
public enum ReorderOutcome : byte
{
    /// <summary>It is the next one: use it now, then ask <see cref="ReorderBuffer.TryRead"/> for those that waited for it.</summary>
    Next,

    /// <summary>It came early and was copied; <see cref="ReorderBuffer.TryRead"/> gives it when its turn comes.</summary>
    Held,

    /// <summary>Came twice, after its place was given up, or out of nowhere. Drop it.</summary>
    Stale,
}

/// <summary>
/// Restores sequence order of one RTP stream and says how many packets are missing (RFC 3550 §5.1, appendix A.1).
/// Over TCP nothing is reordered: capacity 0 hands everything through and counts what the camera itself left out.
/// </summary>
/// <remarks>
/// After every <see cref="Push"/>, and when <see cref="Deadline"/> passes, call <see cref="TryRead"/> until it gives false.
/// Another SSRC, or two packets in a row far away from the sequence (camera restart), begin a new sequence: what was held is
/// given up, the first packet of the new sequence reports one lost packet and <see cref="Restarts"/> counts. Over TCP nothing strays: there one packet
/// far away is a restart, and it is the one that has the parameter sets.
/// One caller at a time. Packets are copied only when they come early; no allocation after warm-up.
/// </remarks>
public sealed class ReorderBuffer
{
    /// <summary>A jump forward of this size or more is a restart, not loss (RFC 3550 appendix A.1).</summary>
    public const int MaxDropout = 3000;

    /// <summary>A packet at most this far behind is late or doubled, not a restart (RFC 3550 appendix A.1).</summary>
    public const int MaxMisorder = 100;

    /// <summary>Ceiling of the capacity, packets.</summary>
    public const int MaxCapacity = 2048;

    private const int SlotGranularity = 2048;   // bytes; a slot grows to the largest packet it held

    private readonly Slot[] _slots;             // ring by sequence number; one more for the packet that does not fit
    private readonly int _capacity;
    private readonly long _maxWait;
    private ushort _next;                       // sequence number expected next
    private uint _ssrc;
    private bool _started;
    private int _held;                          // packets in the ring
    private int _overflow = -1;                 // sequence number in the extra slot
    private int _lost;                          // missing in front of _next, not yet reported
    private int _badNext = -1;                  // bad_seq of appendix A.1: the number that would confirm a restart

    private struct Slot
    {
        public byte[]? Bytes;
        public int Length;                      // 0: free
        public long Arrival;
    }

    /// <param name="capacity">Packets it can hold, rounded up to a power of two; 0: hand everything through.</param>
    /// <param name="maxWait">Longest wait for a missing packet, in the unit of the <c>now</c> values.</param>
    public ReorderBuffer(int capacity, long maxWait)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MaxCapacity);
        _capacity = capacity == 0 ? 0 : (int)BitOperations.RoundUpToPowerOf2((uint)capacity);
        _slots = new Slot[_capacity == 0 ? 0 : _capacity + 1];
        _maxWait = maxWait;
    }

    /// <summary>Packets that did not come in time.</summary>
    public long Lost { get; private set; }

    /// <summary>Packets that came twice, too late, or out of nowhere.</summary>
    public long Stale { get; private set; }

    /// <summary>New SSRCs and jumps of the sequence.</summary>
    public long Restarts { get; private set; }

    /// <summary>When a missing packet is given up; null when nothing waits.</summary>
    public long? Deadline => _held == 0 ? null : _slots[IndexOf((ushort)(_next + GapLength()))].Arrival + _maxWait;

    /// <param name="packet">A valid RTP packet.</param>
    /// <param name="now">Monotonic, any unit.</param>
    /// <param name="lostBefore">With <see cref="ReorderOutcome.Next"/>: packets missing directly in front of it.</param>
    public ReorderOutcome Push(ReadOnlySpan<byte> packet, long now, out int lostBefore)
    {
        lostBefore = 0;
        ushort sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        if (!_started || ssrc != _ssrc)
        {
            if (_started)
                Restart();
            _started = true;
            _ssrc = ssrc;
            _next = sequence;
        }

        int ahead = (short)(sequence - _next);
        if (ahead is < 0 and >= -MaxMisorder)
        {
            Stale++;
            return ReorderOutcome.Stale;
        }

        if (ahead is < 0 or >= MaxDropout)
        {
            if (_capacity > 0 && sequence != _badNext)
            {
                _badNext = (ushort)(sequence + 1);
                Stale++;
                return ReorderOutcome.Stale;
            }

            Restart();
            _next = sequence;
            ahead = 0;
        }

        _badNext = -1;
        if (ahead == 0 || _capacity == 0)
        {
            GiveUp(ahead);
            lostBefore = TakeLost();
            _next++;
            return ReorderOutcome.Next;
        }

        return Hold(packet, sequence, ahead, now);
    }

    /// <summary>Next packet whose turn has come, or whose missing predecessors are given up at <paramref name="now"/>.
    /// Borrowed until the next call on this buffer.</summary>
    public bool TryRead(long now, out ReadOnlySpan<byte> packet, out int lostBefore)
    {
        packet = default;
        lostBefore = 0;
        while (_held > 0 || _overflow >= 0)
        {
            PlaceOverflow();
            int gap = _held == 0 ? (ushort)(_overflow - _next) - _capacity + 1 : GapLength();
            if (gap == 0)
            {
                ref var slot = ref _slots[IndexOf(_next)];
                packet = slot.Bytes.AsSpan(0, slot.Length);
                slot.Length = 0;
                _held--;
                _next++;
                lostBefore = TakeLost();
                return true;
            }

            if (_overflow < 0 && now - _slots[IndexOf((ushort)(_next + gap))].Arrival < _maxWait)
                return false;
            GiveUp(gap);
        }

        return false;
    }

    private ReorderOutcome Hold(ReadOnlySpan<byte> packet, ushort sequence, int ahead, long now)
    {
        bool fits = ahead < _capacity;
        ref var slot = ref _slots[fits ? IndexOf(sequence) : _capacity];
        if (slot.Length > 0)
        {
            Stale++;
            return ReorderOutcome.Stale;
        }

        if (slot.Bytes is null || slot.Bytes.Length < packet.Length)
            slot.Bytes = new byte[(packet.Length + SlotGranularity - 1) / SlotGranularity * SlotGranularity];
        packet.CopyTo(slot.Bytes);
        slot.Length = packet.Length;
        slot.Arrival = now;
        if (fits)
            _held++;
        else
            _overflow = sequence;
        return ReorderOutcome.Held;
    }

    private void PlaceOverflow()
    {
        if (_overflow < 0 || (ushort)(_overflow - _next) >= _capacity)
            return;

        int index = IndexOf((ushort)_overflow);
        (_slots[index], _slots[_capacity]) = (_slots[_capacity], _slots[index]);
        _overflow = -1;
        _held++;
    }

    /// <summary>Missing packets from <see cref="_next"/> to the first held one. Something must be held.</summary>
    private int GapLength()
    {
        int gap = 0;
        while (_slots[IndexOf((ushort)(_next + gap))].Length == 0)
            gap++;
        return gap;
    }

    private int IndexOf(ushort sequence) => sequence & (_capacity - 1);

    private void GiveUp(int packets)
    {
        Lost += packets;
        _lost += packets;
        _next += (ushort)packets;
    }

    private int TakeLost()
    {
        int lost = _lost;
        _lost = 0;
        return lost;
    }

    private void Restart()
    {
        Restarts++;
        Lost += 1 + _held;
        _lost += 1 + _held;
        _held = 0;
        _overflow = -1;
        foreach (ref var slot in _slots.AsSpan())
            slot.Length = 0;
    }
}
