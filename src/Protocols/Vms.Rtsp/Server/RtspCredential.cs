using System.Text;

namespace Vms.Rtsp.Server;

/// <summary>What a request proves its right with: a ticket (in the URL, or as Bearer), or user name and password (Basic, RFC 7617).
/// Never to be logged.</summary>
public readonly record struct RtspCredential(string? Ticket, string? Username, string? Password)
{
    private const int MaxBasicLength = 1024;
    private const string Basic = "Basic ";
    private const string Bearer = "Bearer ";

    public bool IsEmpty => Ticket is null && Username is null;

    public override string ToString() => Ticket is not null ? "ticket" : Username is not null ? "password" : "none";

    /// <param name="authorization">The header; null when there is none. What cannot be read counts as none.</param>
    public static RtspCredential Of(RtspTarget? target, string? authorization)
    {
        if (target?.Ticket is { } ticket)
            return new(ticket, null, null);
        if (authorization is null)
            return default;
        if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return new(authorization[Bearer.Length..].Trim(), null, null);
        if (!authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase) || authorization.Length > MaxBasicLength)
            return default;

        Span<byte> bytes = stackalloc byte[MaxBasicLength];
        if (!Convert.TryFromBase64String(authorization[Basic.Length..].Trim(), bytes, out int length))
            return default;
        string pair = Encoding.UTF8.GetString(bytes[..length]);
        int colon = pair.IndexOf(':');
        return colon <= 0 ? default : new(null, pair[..colon], pair[(colon + 1)..]);
    }
}
