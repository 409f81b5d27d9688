using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;

namespace Vms.Hosting;

/// <summary>Checks tickets with control's public key alone, so that viewers come in while control is down. Any thread.</summary>
public sealed class TicketVerifier(PlaneOptions options, TimeProvider time) : IDisposable
{
    /// <summary>A ticket for a few cameras is some 300 characters; one with every camera of a large site stays below this.</summary>
    public const int MaxTicketLength = 16 * 1024;

    private readonly Lock _gate = new();
    private ECDsa? _key;
    private DateTime _keyWritten;

    internal static string PublicKeyPath(PlaneOptions options) => Path.Combine(options.KeysDirectory, "ticket.pub");

    /// <summary>True when the ticket was signed by this installation, has not expired and opens this camera for this purpose.</summary>
    public bool TryVerify(string text, TicketKind kind, string? cameraId, [NotNullWhen(true)] out Ticket? ticket)
    {
        if (!TryRead(text, kind, cameraId, out ticket))
            return false;
        if (ticket.ExpiresAt > time.GetUtcNow())
            return true;
        ticket = null;
        return false;
    }

    /// <summary>As <see cref="TryVerify"/> for a ticket that may have expired: whoever held it when it was valid may be watching still, and the
    /// plane that serves them knows.</summary>
    public bool WasIssued(string text, TicketKind kind, string? cameraId, [NotNullWhen(true)] out Ticket? ticket) => TryRead(text, kind, cameraId, out ticket);

    public void Dispose() => _key?.Dispose();

    private bool TryRead(string text, TicketKind kind, string? cameraId, [NotNullWhen(true)] out Ticket? ticket)
    {
        ticket = null;
        if (text is null || text.Length > MaxTicketLength)
            return false;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0)
            return false;

        Ticket? read;
        try
        {
            var payload = Base64Url.DecodeFromChars(text.AsSpan(0, dot));
            var signature = Base64Url.DecodeFromChars(text.AsSpan(dot + 1));
            if (!IsSigned(payload, signature))
                return false;
            read = JsonSerializer.Deserialize<Ticket>(payload);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return false;
        }

        if (read is null || read.Kind != kind || (cameraId is not null && !read.Opens(cameraId)))
            return false;
        ticket = read;
        return true;
    }

    private bool IsSigned(byte[] payload, byte[] signature)
    {
        lock (_gate)
        {
            var path = PublicKeyPath(options);
            var written = File.GetLastWriteTimeUtc(path);
            if (!File.Exists(path))
                return false;
            if (_key is null || written != _keyWritten)
            {
                _key?.Dispose();
                _key = ECDsa.Create();
                _key.ImportFromPem(File.ReadAllText(path));
                _keyWritten = written;
            }

            return _key.VerifyData(payload, signature, HashAlgorithmName.SHA256);
        }
    }
}
