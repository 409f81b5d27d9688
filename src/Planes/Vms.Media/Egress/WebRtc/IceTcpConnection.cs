using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Vms.WebRtc.Ice;

namespace Vms.Media.Egress.WebRtc;

/// <summary>
/// A viewer that cannot use UDP: packets over TCP, each behind its 16-bit length (RFC 4571). What is appended goes out with one
/// write per <see cref="Flush"/>; what the socket does not take waits, up to a limit.
/// </summary>
/// <remarks>Any thread; the gate is never held while sending.</remarks>
internal sealed class IceTcpConnection : IDisposable
{
    /// <summary>Longest packet: as for UDP, and a ceiling for what a peer may announce.</summary>
    public const int MaxPacketLength = 2048;

    private const int LengthSize = 2;
    private const int KeepAliveSeconds = 15;
    private const int MaxPendingBytes = 2 << 20;
    private const int InitialBytes = 64 * 1024;

    private readonly Socket _socket;
    private readonly Lock _gate = new();
    private byte[] _pending = ArrayPool<byte>.Shared.Rent(InitialBytes);
    private byte[] _sending = ArrayPool<byte>.Shared.Rent(InitialBytes);
    private int _pendingLength;
    private bool _busy;
    private bool _closed;

    /// <param name="socket">Connected; owned from now on.</param>
    public IceTcpConnection(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true;
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);     // a phone that went out of reach says nothing
        _socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        _socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds);
        _socket.Blocking = false;       // for the synchronous sends; receiving is asynchronous
        Address = TransportAddress.From((IPEndPoint)socket.RemoteEndPoint!, IceTransport.Tcp);
    }

    public TransportAddress Address { get; }

    /// <summary>A check of it was valid: it belongs to a session.</summary>
    public bool IsValidated { get; set; }

    /// <summary>The next <see cref="Append"/> succeeds, unless the connection is closed meanwhile. One appending caller at a time.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
                return !_closed && _pendingLength + LengthSize + MaxPacketLength <= MaxPendingBytes;
        }
    }

    /// <summary>Puts a packet into the next write.</summary>
    /// <returns>False when too much waits already, or the connection is closed.</returns>
    public bool Append(ReadOnlySpan<byte> packet)
    {
        lock (_gate)
        {
            int needed = _pendingLength + LengthSize + packet.Length;
            if (_closed || needed > MaxPendingBytes)
                return false;
            if (needed > _pending.Length)
                Grow(needed);
            BinaryPrimitives.WriteUInt16BigEndian(_pending.AsSpan(_pendingLength), (ushort)packet.Length);
            packet.CopyTo(_pending.AsSpan(_pendingLength + LengthSize));
            _pendingLength = needed;
            return true;
        }
    }

    /// <summary>Sends what waits, unless a write is still going on.</summary>
    public void Flush()
    {
        while (TryTake(out var bytes))
        {
            if (!TrySend(bytes.Span, out int sent))
            {
                Close();
                Done();
                return;
            }

            var rest = bytes[sent..];
            if (!rest.IsEmpty)
            {
                _ = SendRestAsync(rest);
                return;
            }

            Done();
        }
    }

    /// <summary>Reads packets until the connection ends.</summary>
    /// <param name="take">Called with each packet, borrowed and writable.</param>
    public async Task ReadAsync(Action<Memory<byte>> take, CancellationToken cancellationToken)
    {
        var buffer = new byte[LengthSize + MaxPacketLength];
        while (await ReceiveAllAsync(buffer.AsMemory(0, LengthSize), cancellationToken))
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(buffer);
            if (length > MaxPacketLength || !await ReceiveAllAsync(buffer.AsMemory(LengthSize, length), cancellationToken))
                return;
            if (length > 0)
                take(buffer.AsMemory(LengthSize, length));
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            ArrayPool<byte>.Shared.Return(_pending);
            _pending = [];
            if (!_busy)
                ArrayPool<byte>.Shared.Return(_sending);
        }

        _socket.Dispose();
    }

    public void Dispose() => Close();

    /// <returns>False when the peer has closed the connection.</returns>
    private async ValueTask<bool> ReceiveAllAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            int received = await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
            if (received == 0)
                return false;
            buffer = buffer[received..];
        }

        return true;
    }

    private bool TryTake(out ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            bytes = default;
            if (_busy || _closed || _pendingLength == 0)
                return false;
            (_pending, _sending) = (_sending, _pending);
            bytes = _sending.AsMemory(0, _pendingLength);
            _pendingLength = 0;
            _busy = true;
            return true;
        }
    }

    /// <param name="sent">As much as the socket took, 0 when it is full.</param>
    private bool TrySend(ReadOnlySpan<byte> bytes, out int sent)
    {
        try
        {
            sent = Math.Max(0, _socket.Send(bytes, SocketFlags.None, out var error));
            return error is SocketError.Success or SocketError.WouldBlock or SocketError.IOPending;
        }
        catch (ObjectDisposedException)
        {
            sent = 0;       // closed by another thread since it was taken
            return false;
        }
    }

    private void Done()
    {
        lock (_gate)
        {
            _busy = false;
            if (_closed)
                ArrayPool<byte>.Shared.Return(_sending);
        }
    }

    private async Task SendRestAsync(ReadOnlyMemory<byte> rest)
    {
        try
        {
            while (!rest.IsEmpty)
                rest = rest[await _socket.SendAsync(rest, SocketFlags.None)..];
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Close();
        }

        Done();
        Flush();
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, _pending.Length * 2));
        _pending.AsSpan(0, _pendingLength).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_pending);
        _pending = larger;
    }
}
