using System.Runtime.InteropServices;

namespace Vms.Native.OpenSsl;

/// <summary>Where a DTLS server stands after a step.</summary>
public enum DtlsState
{
    /// <summary>Waiting for the peer's next flight.</summary>
    Handshaking,

    /// <summary>Keys can be exported.</summary>
    Connected,

    /// <summary>The peer said close_notify.</summary>
    Closed,

    /// <summary>Fatal; <see cref="DtlsServer.Failure"/> says why.</summary>
    Failed,
}

/// <summary>
/// One peer's DTLS 1.2 handshake over memory: datagrams in, datagrams out, no socket. One caller at a time, and each call runs
/// on one thread from start to end (OpenSSL keeps its errors per thread).
/// </summary>
public sealed unsafe class DtlsServer : IDisposable
{
    /// <summary>Largest datagram we send, UDP payload bytes.</summary>
    public const int Mtu = 1200;

    private const int RecordHeaderLength = 13;
    private const int MaxDatagram = 2048;
    private readonly SslHandle _ssl;
    private readonly nint _input;       // owned by _ssl
    private readonly nint _output;      // owned by _ssl
    private byte[] _pending = [];       // records of the last flight
    private int _pendingAt;

    public DtlsServer(DtlsServerContext context)
    {
        LibSsl.ERR_clear_error();
        _ssl = new SslHandle(LibSsl.SSL_new(context.Handle));
        OpenSslException.ThrowIfNot(!_ssl.IsInvalid, "SSL_new");
        _input = NewMemory();
        _output = NewMemory();
        LibSsl.SSL_set_bio(_ssl, _input, _output);
        LibSsl.SSL_set_accept_state(_ssl);
        LibSsl.SSL_ctrl(_ssl, LibSsl.SSL_CTRL_SET_MTU, new CLong(Mtu), null);
    }

    public DtlsState State { get; private set; }

    /// <summary>One line, once <see cref="State"/> is <see cref="DtlsState.Failed"/>.</summary>
    public string Failure { get; private set; } = "";

    /// <summary>Takes one datagram of the peer; then <see cref="TryTake"/> what there is to send.</summary>
    public DtlsState Receive(ReadOnlySpan<byte> datagram)
    {
        if (State is DtlsState.Closed or DtlsState.Failed || datagram.Length is < RecordHeaderLength or > MaxDatagram)
            return State;

        LibSsl.ERR_clear_error();
        fixed (byte* bytes = datagram)
            OpenSslException.ThrowIfNot(LibSsl.BIO_write(_input, bytes, datagram.Length) == datagram.Length, "BIO_write");
        return State == DtlsState.Handshaking ? Handshake() : Drain();
    }

    /// <summary>Sends the last flight again when its time has come; then <see cref="TryTake"/>.</summary>
    public DtlsState HandleTimeout()
    {
        if (State != DtlsState.Handshaking)
            return State;
        LibSsl.ERR_clear_error();
        if (LibSsl.SSL_ctrl(_ssl, LibSsl.DTLS_CTRL_HANDLE_TIMEOUT, default, null).Value < 0)
            Fail();
        return State;
    }

    /// <summary>Time to the next <see cref="HandleTimeout"/>; null when nothing is waiting.</summary>
    public TimeSpan? NextTimeout()
    {
        if (State != DtlsState.Handshaking)
            return null;

        // struct timeval: two C longs.
        CLong* time = stackalloc CLong[2];
        return LibSsl.SSL_ctrl(_ssl, LibSsl.DTLS_CTRL_GET_TIMEOUT, default, time).Value == 1
            ? TimeSpan.FromSeconds(time[0].Value) + TimeSpan.FromMicroseconds(time[1].Value)
            : null;
    }

    /// <summary>The next datagram to send: as many whole records as fit into <see cref="Mtu"/>.</summary>
    /// <param name="datagram">Valid until the next call.</param>
    public bool TryTake(out ReadOnlySpan<byte> datagram)
    {
        if (_pendingAt == _pending.Length)
            FetchOutput();

        // A memory BIO joins the records of a flight; a record is never cut, a datagram never longer than the MTU.
        int end = _pendingAt;
        while (end + RecordHeaderLength <= _pending.Length)
        {
            int length = RecordHeaderLength + (_pending[end + 11] << 8 | _pending[end + 12]);
            if (end > _pendingAt && end + length - _pendingAt > Mtu)
                break;
            end = Math.Min(end + length, _pending.Length);
        }

        datagram = _pending.AsSpan(_pendingAt, end - _pendingAt);
        _pendingAt = end;
        return !datagram.IsEmpty;
    }

    /// <summary>DTLS-SRTP protection profile chosen (RFC 5764 §4.1.2); 0 when the peer offered none of ours.</summary>
    public ushort SrtpProfile()
    {
        var profile = LibSsl.SSL_get_selected_srtp_profile(_ssl);
        return profile == null ? (ushort)0 : (ushort)profile->Id.Value;
    }

    /// <summary>Keying material for SRTP (RFC 5764 §4.2, RFC 5705).</summary>
    public void ExportSrtpKeys(Span<byte> material)
    {
        LibSsl.ERR_clear_error();
        var label = "EXTRACTOR-dtls_srtp"u8;
        fixed (byte* output = material)
        fixed (byte* name = label)
        {
            int done = LibSsl.SSL_export_keying_material(
                _ssl, output, (nuint)material.Length, name, (nuint)label.Length, null, 0, 0);
            OpenSslException.ThrowIfNot(done == 1, "SSL_export_keying_material");
        }
    }

    /// <summary>The peer's certificate, DER; empty when it sent none.</summary>
    public byte[] PeerCertificate()
    {
        nint x509 = LibSsl.SSL_get1_peer_certificate(_ssl);
        if (x509 == 0)
            return [];

        try
        {
            var der = new byte[Math.Max(0, LibSsl.i2d_X509(x509, null))];
            fixed (byte* start = der)
            {
                byte* cursor = start;
                return LibSsl.i2d_X509(x509, &cursor) == der.Length ? der : [];
            }
        }
        finally
        {
            LibSsl.X509_free(x509);
        }
    }

    /// <summary>Says close_notify; then <see cref="TryTake"/>.</summary>
    public void Close()
    {
        if (State != DtlsState.Connected)
            return;
        LibSsl.ERR_clear_error();
        LibSsl.SSL_shutdown(_ssl);
        State = DtlsState.Closed;
    }

    public void Dispose() => _ssl.Dispose();

    private static nint NewMemory()
    {
        nint bio = LibSsl.BIO_new(LibSsl.BIO_s_mem());
        OpenSslException.ThrowIfNot(bio != 0, "BIO_new");
        // Empty means "try again", not end of file.
        LibSsl.BIO_ctrl(bio, LibSsl.BIO_C_SET_BUF_MEM_EOF_RETURN, new CLong(-1), 0);
        return bio;
    }

    private DtlsState Handshake()
    {
        int result = LibSsl.SSL_do_handshake(_ssl);
        if (result == 1)
            return State = DtlsState.Connected;
        if (LibSsl.SSL_get_error(_ssl, result) is not (LibSsl.SSL_ERROR_WANT_READ or LibSsl.SSL_ERROR_WANT_WRITE))
            Fail();
        return State;
    }

    /// <summary>After the handshake nothing but an alert is of interest; data channels are not offered.</summary>
    private DtlsState Drain()
    {
        byte* buffer = stackalloc byte[MaxDatagram];
        while (true)
        {
            int result = LibSsl.SSL_read(_ssl, buffer, MaxDatagram);
            if (result > 0)
                continue;

            int error = LibSsl.SSL_get_error(_ssl, result);
            if (error == LibSsl.SSL_ERROR_ZERO_RETURN)
                State = DtlsState.Closed;
            else if (error is LibSsl.SSL_ERROR_SSL or LibSsl.SSL_ERROR_SYSCALL)
                Fail();
            return State;
        }
    }

    private void Fail()
    {
        State = DtlsState.Failed;
        var errors = OpenSslException.TakeErrors();
        Failure = errors.Length > 0 ? errors : "the peer broke off";
    }

    private void FetchOutput()
    {
        int length = (int)LibSsl.BIO_ctrl(_output, LibSsl.BIO_CTRL_PENDING, default, 0).Value;
        _pending = length > 0 ? new byte[length] : [];
        _pendingAt = 0;
        if (length <= 0)
            return;
        fixed (byte* bytes = _pending)
            OpenSslException.ThrowIfNot(LibSsl.BIO_read(_output, bytes, length) == length, "BIO_read");
    }
}
