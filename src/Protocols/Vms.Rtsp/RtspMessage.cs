namespace Vms.Rtsp;

/// <summary>A response, or a request that the server sent (RFC 2326 §6, §7). Owned by whoever got it from the reader.</summary>
public sealed class RtspMessage
{
    /// <summary>0 for a request.</summary>
    public int StatusCode { get; init; }

    public string Reason { get; init; } = "";

    /// <summary>Empty for a response.</summary>
    public string Method { get; init; } = "";

    /// <summary>The request line's URL as sent; empty for a response.</summary>
    public string Uri { get; init; } = "";

    public RtspHeaders Headers { get; } = new();

    public ReadOnlyMemory<byte> Body { get; init; }

    public bool IsResponse => StatusCode != 0;

    public bool IsSuccess => StatusCode is >= 200 and < 300;

    /// <summary>Null when missing or not a number.</summary>
    public int? CSeq => int.TryParse(Headers["CSeq"], out int sequence) ? sequence : null;

    public override string ToString() => IsResponse ? $"{StatusCode} {Reason}" : $"{Method} {Uri}";
}
