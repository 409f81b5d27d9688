using System.Text;

namespace Vms.Testing.FakeCamera;

/// <summary>One RTSP request as the fake camera reads it: lenient, and independent of the product's own parser.</summary>
internal sealed record RtspRequest(string Method, string Uri, IReadOnlyDictionary<string, string> Headers)
{
    public string CSeq => Headers.GetValueOrDefault("CSeq", "0");

    /// <summary>Reads one request, or an interleaved packet, off the front of <paramref name="buffer"/>.</summary>
    /// <param name="used">Bytes to take away; 0: more must come.</param>
    /// <returns>Null when the bytes were an interleaved packet or nothing.</returns>
    public static RtspRequest? Read(ReadOnlySpan<byte> buffer, out int used, out bool wasRtcp)
    {
        used = 0;
        wasRtcp = false;
        if (buffer.IsEmpty)
            return null;

        if (buffer[0] == '$')
        {
            int size = buffer.Length < 4 ? int.MaxValue : 4 + ((buffer[2] << 8) | buffer[3]);
            if (size > buffer.Length)
                return null;
            used = size;
            wasRtcp = true;
            return null;
        }

        if (buffer[0] is (byte)'\r' or (byte)'\n')
        {
            used = 1;
            return null;
        }

        int end = buffer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return null;

        string[] lines = Encoding.Latin1.GetString(buffer[..end]).Split("\r\n");
        var headers = lines[1..]
            .Select(line => line.Split(':', 2))
            .Where(parts => parts.Length == 2)
            .GroupBy(parts => parts[0].Trim(), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.First()[1].Trim(), StringComparer.OrdinalIgnoreCase);
        int body = headers.TryGetValue("Content-Length", out string? length) && int.TryParse(length, out int bytes) ? bytes : 0;
        if (buffer.Length < end + 4 + body)
            return null;

        used = end + 4 + body;
        string[] first = lines[0].Split(' ');
        return new RtspRequest(first[0], first.Length > 1 ? first[1] : "", headers);
    }
}
