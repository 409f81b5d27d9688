using System.Text;

namespace Vms.Rtsp;

/// <summary>Writes requests, and replies to the few requests a server sends (RFC 2326 §6, §7). A line break in a value would
/// start a header of its own, so it is refused.</summary>
public static class RtspRequestWriter
{
    /// <summary>Some cameras answer 401 to whoever does not name himself.</summary>
    public const string UserAgent = "VMS";

    public static byte[] Request(string method, string uri, int cseq, IEnumerable<KeyValuePair<string, string>> headers)
    {
        var text = new StringBuilder(256);
        text.Append(method).Append(' ').Append(Line(uri)).Append(" RTSP/1.0\r\nCSeq: ").Append(cseq);
        text.Append("\r\nUser-Agent: ").Append(UserAgent).Append("\r\n");
        foreach (var (name, value) in headers)
            text.Append(name).Append(": ").Append(Line(value)).Append("\r\n");

        return Encoding.UTF8.GetBytes(text.Append("\r\n").ToString());
    }

    public static byte[] Response(int status, string reason, int? cseq)
    {
        string sequence = cseq is { } number ? $"CSeq: {number}\r\n" : "";
        return Encoding.ASCII.GetBytes($"RTSP/1.0 {status} {reason}\r\n{sequence}\r\n");
    }

    private static string Line(string value) =>
        value.AsSpan().IndexOfAny('\r', '\n') < 0 ? value : throw new ArgumentException("A header value has one line.", nameof(value));
}
