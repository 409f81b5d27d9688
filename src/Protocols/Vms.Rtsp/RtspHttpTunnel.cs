using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Vms.Rtsp;

/// <summary>
/// RTSP tunnelled over HTTP, as Apple wrote it down ("Tunnelling RTSP and RTP over HTTP"): answers and media come on the connection
/// of a GET, requests go in base64 on that of a POST, and a cookie tells the camera that the two belong together.
/// </summary>
public sealed class RtspHttpTunnel
{
    private readonly string _cookie = RandomNumberGenerator.GetHexString(22, lowercase: true);
    private readonly string _path;
    private readonly string _host;

    /// <param name="url">The stream; its host and port are those of the HTTP server.</param>
    public RtspHttpTunnel(RtspUrl url)
    {
        _path = url.PathAndQuery.StartsWith('/') ? url.PathAndQuery : "/" + url.PathAndQuery;
        string host = url.Host.Contains(':') ? $"[{url.Host}]" : url.Host;
        _host = string.Create(CultureInfo.InvariantCulture, $"{host}:{url.Port}");
    }

    /// <summary>Opens the way down.</summary>
    public byte[] GetRequest() => Request("GET", "Accept: application/x-rtsp-tunnelled\r\n");

    /// <summary>Opens the way up, once the way down stands. The length is none: the body never ends.</summary>
    public byte[] PostRequest() => Request(
        "POST", "Content-Type: application/x-rtsp-tunnelled\r\nContent-Length: 32767\r\nExpires: Sun, 9 Jan 1972 00:00:00 GMT\r\n");

    /// <summary>What goes on the way up.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes));

    /// <summary>Reads the answer to the GET.</summary>
    /// <param name="status">Of HTTP; 0 when it is no HTTP.</param>
    /// <returns>Bytes that are done with; 0: more must come.</returns>
    public static int ReadAnswer(ReadOnlySpan<byte> bytes, out int status)
    {
        status = 0;
        int end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return bytes.Length >= 5 && !bytes.StartsWith("HTTP/"u8) ? bytes.Length : 0;

        string[] words = Encoding.Latin1.GetString(bytes[..bytes.IndexOf((byte)'\r')]).Split(' ', 3);
        if (words.Length >= 2 && words[0].StartsWith("HTTP/", StringComparison.Ordinal)
            && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 100 and <= 999)
        {
            status = number;
        }

        return end + 4;
    }

    private byte[] Request(string method, string headers) => Encoding.ASCII.GetBytes(
        $"{method} {_path} HTTP/1.0\r\nHost: {_host}\r\nUser-Agent: {RtspRequestWriter.UserAgent}\r\nx-sessioncookie: {_cookie}\r\n{headers}"
        + "Pragma: no-cache\r\nCache-Control: no-cache\r\n\r\n");
}
