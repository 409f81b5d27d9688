using System.Net.Sockets;

namespace Vms.LiveLoad;

/// <summary>A viewer whose bytes come in order: gathers them until a whole piece is there.</summary>
internal abstract class TcpViewer : Viewer
{
    private const int MaxPiece = 32 << 20;

    private byte[] _buffer = new byte[256 * 1024];
    private int _have;

    protected TcpViewer(Uri url)
    {
        Socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Socket.Connect(url.Host, url.Port);
        Socket.Blocking = false;
    }

    public override Socket Socket { get; }

    public override void Receive()
    {
        int read = Read(_buffer.AsSpan(_have));
        _have += read;
        int taken = 0;
        for (int piece; Failure is null && (piece = Take(_buffer.AsSpan(taken, _have - taken))) > 0;)
            taken += piece;
        if (taken > 0)
            _buffer.AsSpan(taken, _have - taken).CopyTo(_buffer);
        _have -= taken;
        if (_have < _buffer.Length)
            return;
        if (_buffer.Length < MaxPiece)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        else
            Failure = "a piece without end";
    }

    /// <returns>Bytes of the piece at the beginning; 0 when it is not whole yet.</returns>
    protected abstract int Take(ReadOnlySpan<byte> bytes);

    protected void Send(ReadOnlySpan<byte> bytes)
    {
        if (Socket.Send(bytes, SocketFlags.None, out var error) != bytes.Length)
            Failure = $"a request did not go out: {error}";
    }
}
