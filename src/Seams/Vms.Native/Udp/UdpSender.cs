namespace Vms.Native.Udp;

/// <summary>What became of a message.</summary>
public enum UdpSendOutcome : byte
{
    Sent,

    /// <summary>No room in the socket's buffer within <see cref="UdpSender.MaxWait"/>.</summary>
    WouldBlock,

    /// <summary>The system refuses this peer (no route, filtered).</summary>
    Refused,

    /// <summary>Sent, but packet by packet: the way to this peer has no segmentation offload.</summary>
    SentUnsegmented,
}

/// <summary>Packets to one peer that go out with one call.</summary>
/// <param name="Tag">The caller's.</param>
/// <param name="Peer">Where to.</param>
/// <param name="Offset">In the buffer of the sender.</param>
/// <param name="Length">All packets together.</param>
/// <param name="SegmentLength">Of each packet but the last, which may be shorter.</param>
/// <param name="Packets">How many.</param>
/// <param name="Outcome">After <see cref="UdpSender.Flush"/>.</param>
public record struct UdpMessage(
    int Tag, UdpPeer Peer, int Offset, int Length, int SegmentLength, int Packets, UdpSendOutcome Outcome);

/// <summary>
/// Collects packets for several peers and sends them with few system calls. Packets are written straight into its buffer:
/// <see cref="Reserve"/>, write, <see cref="Commit"/>; when either says full, <see cref="Flush"/>. One thread.
/// </summary>
/// <remarks>Neighbouring packets to one peer that are equally long (the last may be shorter) join into one message, which the
/// kernel cuts apart again: a frame costs one pass through its network stack instead of one per packet.</remarks>
public abstract class UdpSender : IDisposable
{
    /// <summary>Longest packet.</summary>
    public const int MaxPacketLength = 1280;

    /// <summary>How long one flush may wait for room in the socket's buffer.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(5);

    private const int BufferLength = 256 * 1024;    // stays in the second-level cache
    private const int MaxMessages = 256;
    private const int MaxSegments = 64;             // UDP_MAX_SEGMENTS
    private const int MaxMessageLength = 65507;     // a UDP payload's limit over IPv4

    private readonly byte[] _buffer = GC.AllocateArray<byte>(BufferLength, pinned: true);
    private readonly UdpMessage[] _messages = new UdpMessage[MaxMessages];
    private int _used;
    private bool _open;     // the last message may take another packet

    /// <summary>Messages collected, or since the last flush sent.</summary>
    public Span<UdpMessage> Messages => _messages.AsSpan(0, Count);

    public int Count { get; private set; }

    /// <summary>Room for one more packet; empty when it is time to flush.</summary>
    public Span<byte> Reserve() =>
        Count == MaxMessages || BufferLength - _used < MaxPacketLength ? default : _buffer.AsSpan(_used, MaxPacketLength);

    /// <summary>Takes the packet written into <see cref="Reserve"/>'s room.</summary>
    /// <param name="peer">Where to.</param>
    /// <param name="length">Of the packet.</param>
    /// <param name="tag">Comes back with the outcome.</param>
    /// <param name="segmented">May be joined with its neighbours.</param>
    public void Commit(in UdpPeer peer, int length, int tag, bool segmented)
    {
        int offset = _used;
        _used += length;
        if (_open && segmented)
        {
            ref var last = ref _messages[Count - 1];
            if (last.Tag == tag && last.Peer == peer && length <= last.SegmentLength
                && last.Packets < MaxSegments && last.Length + length <= MaxMessageLength)
            {
                last.Length += length;
                last.Packets++;
                _open = length == last.SegmentLength;
                return;
            }
        }

        _messages[Count++] = new UdpMessage(tag, peer, offset, length, length, 1, default);
        _open = segmented;
    }

    /// <summary>Sends everything; the outcomes stand in <see cref="Messages"/> until the next <see cref="Clear"/>.</summary>
    public void Flush()
    {
        _open = false;
        if (Count > 0)
            Send(Messages);
    }

    public void Clear()
    {
        Count = 0;
        _used = 0;
        _open = false;
    }

    public abstract void Dispose();

    /// <summary>Sets every message's outcome.</summary>
    protected abstract void Send(Span<UdpMessage> messages);

    protected ReadOnlySpan<byte> Bytes(int offset, int length) => _buffer.AsSpan(offset, length);
}
