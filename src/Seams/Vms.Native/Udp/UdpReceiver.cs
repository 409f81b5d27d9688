namespace Vms.Native.Udp;

/// <summary>Receives datagrams in batches. One thread.</summary>
public abstract class UdpReceiver : IDisposable
{
    public const int Capacity = 32;

    /// <summary>Longest datagram taken whole; WebRTC peers keep to 1280 bytes. A longer one comes cut off and fails its checks.</summary>
    public const int MaxDatagramLength = 2048;

    private readonly byte[] _buffer = GC.AllocateArray<byte>(Capacity * MaxDatagramLength, pinned: true);

    /// <summary>Lengths of the last batch.</summary>
    protected int[] Lengths { get; } = new int[Capacity];

    protected UdpPeer[] Peers { get; } = new UdpPeer[Capacity];

    /// <summary>Waits for datagrams.</summary>
    /// <param name="timeout">After which 0 comes back.</param>
    /// <returns>How many there are; -1 when the socket is closed.</returns>
    public abstract int Receive(TimeSpan timeout);

    /// <summary>Borrowed until the next <see cref="Receive"/>; may be written (decryption in place).</summary>
    public Span<byte> Datagram(int index) => _buffer.AsSpan(index * MaxDatagramLength, Lengths[index]);

    public UdpPeer Peer(int index) => Peers[index];

    public abstract void Dispose();

    /// <summary>Where datagram <paramref name="index"/> goes.</summary>
    protected Span<byte> Slot(int index) => _buffer.AsSpan(index * MaxDatagramLength, MaxDatagramLength);
}
