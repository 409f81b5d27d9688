using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Vms.Rtsp;

/// <summary>
/// Cuts an RTSP connection's bytes into messages and interleaved frames (RFC 2326 §4, §10.12). The caller keeps the buffer; the
/// reader looks at its start, says what is there and how much of it is used up. Interleaved frames cost no allocation.
/// One caller at a time.
/// </summary>
/// <remarks>
/// Deviations accepted: bare LF as line end; blanks after header values (Longse) and in the empty line; any case in header
/// names; CR, LF before <c>$</c> and between messages; frames on any channel; several messages and frames glued together or cut
/// anywhere. Bytes that are none of this are skipped up to the next plausible start and counted in <see cref="GarbageBytes"/>.
/// </remarks>
/// <param name="maxBodyBytes">Longer bodies are a violation; servers expect none to speak of.</param>
public sealed class RtspMessageReader(int maxBodyBytes = RtspMessageReader.MaxBodyBytes)
{
    public const int MaxHeaderBytes = 64 * 1024;
    public const int MaxBodyBytes = 1024 * 1024;

    /// <summary>No item is longer than this, so neither is the caller's buffer.</summary>
    public const int MaxItemBytes = MaxHeaderBytes + MaxBodyBytes;

    private const int InterleavedHeaderBytes = 4;               // '$', channel, 16-bit length
    private const int MaxMethodLength = 20;

    /// <summary>Each is appended to what stands there: without an end that is quadratic, before anybody has shown a credential.</summary>
    private const int MaxFoldedLines = 64;

    // Every byte that StartOfFrame or StartOfMessage may accept: garbage ends at the same place however the bytes were cut.
    private static readonly SearchValues<byte> s_starts = SearchValues.Create("$rhABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"u8);

    private int _scanned;       // bytes from the start of the buffer known to hold no end of headers
    private int _headerBytes;   // length of complete headers whose body is awaited; 0 while headers are incomplete
    private int _bodyBytes;
    private bool _resync;       // in garbage: a start must look plausible, not only possible

    /// <summary>Bytes skipped because they were neither message nor frame.</summary>
    public long GarbageBytes { get; private set; }

    /// <summary>How often the reader lost its place.</summary>
    public long Resyncs { get; private set; }

    /// <param name="buffer">Everything received and not yet consumed; after <see cref="RtspItemKind.NeedMore"/> it must start with
    /// the bytes that were left and hold more of them.</param>
    public RtspItem Read(ReadOnlySpan<byte> buffer)
    {
        int skipped = 0;
        while (true)
        {
            var rest = buffer[skipped..];
            if (_headerBytes > 0)
                return ReadBody(rest, skipped);
            if (rest.IsEmpty)
                return new() { Kind = RtspItemKind.NeedMore, Consumed = skipped, Wanted = InterleavedHeaderBytes };

            byte first = rest[0];
            if (first is (byte)'\r' or (byte)'\n')
            {
                skipped++;
                GarbageBytes += _resync ? 1 : 0;
                continue;
            }

            var start = first == '$' ? StartOfFrame(rest) : StartOfMessage(rest);
            switch (start)
            {
                case Start.Frame:
                    return ReadFrame(rest, skipped);
                case Start.Message:
                    _resync = false;
                    return ReadHeaders(rest, skipped);
                case Start.Undecided:
                    return new() { Kind = RtspItemKind.NeedMore, Consumed = skipped, Wanted = rest.Length + 1 };
                case Start.Http:
                    return Violate(RtspViolation.NotRtsp);
                default:
                    int garbage = 1 + Math.Max(rest[1..].IndexOfAny(s_starts), -1);
                    if (garbage == 0)
                        garbage = rest.Length;
                    if (!_resync)
                        Resyncs++;
                    _resync = true;
                    GarbageBytes += garbage;
                    skipped += garbage;
                    break;
            }
        }
    }

    private enum Start
    {
        Garbage,
        Undecided,
        Frame,
        Message,
        Http,
    }

    /// <summary>In step every <c>$</c> starts a frame. Out of step only one that carries RTP or RTCP version 2 on a low channel.</summary>
    private Start StartOfFrame(ReadOnlySpan<byte> rest)
    {
        if (!_resync)
            return Start.Frame;
        if (rest.Length < InterleavedHeaderBytes + 1)
            return Start.Undecided;

        int length = (rest[2] << 8) | rest[3];
        return rest[1] < 32 && length >= 8 && (rest[4] & 0xC0) == 0x80 ? Start.Frame : Start.Garbage;
    }

    /// <summary>"RTSP/", or a method in capitals, one blank and a URL or "*".</summary>
    private static Start StartOfMessage(ReadOnlySpan<byte> rest)
    {
        if (Prefixed(rest, "RTSP/"u8, out bool complete))
            return complete ? Start.Message : Start.Undecided;
        if (Prefixed(rest, "HTTP/"u8, out complete))
            return complete ? Start.Http : Start.Undecided;

        int blank = rest[..Math.Min(rest.Length, MaxMethodLength + 1)].IndexOfAnyExceptInRange((byte)'A', (byte)'_');
        if (blank < 0)
            return rest.Length > MaxMethodLength ? Start.Garbage : Start.Undecided;
        if (blank < 3 || rest[blank] != ' ')
            return Start.Garbage;

        var uri = rest[(blank + 1)..];
        if (uri.IsEmpty)
            return Start.Undecided;
        if (uri[0] == '*')
            return Start.Message;
        return Prefixed(uri, "rtsp"u8, out complete) ? complete ? Start.Message : Start.Undecided : Start.Garbage;
    }

    /// <summary>Whether <paramref name="rest"/> starts with <paramref name="word"/>, or ends before that is known.</summary>
    private static bool Prefixed(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> word, out bool complete)
    {
        complete = rest.Length >= word.Length;
        return complete ? Ascii.EqualsIgnoreCase(rest[..word.Length], word) : Ascii.EqualsIgnoreCase(rest, word[..rest.Length]);
    }

    private RtspItem ReadFrame(ReadOnlySpan<byte> rest, int skipped)
    {
        if (rest.Length < InterleavedHeaderBytes)
            return new() { Kind = RtspItemKind.NeedMore, Consumed = skipped, Wanted = InterleavedHeaderBytes };

        int length = (rest[2] << 8) | rest[3];
        int total = InterleavedHeaderBytes + length;
        if (rest.Length < total)
            return new() { Kind = RtspItemKind.NeedMore, Consumed = skipped, Wanted = total };

        _resync = false;
        return new()
        {
            Kind = RtspItemKind.Interleaved,
            Consumed = skipped + total,
            Channel = rest[1],
            Payload = rest[InterleavedHeaderBytes..total],
        };
    }

    private RtspItem ReadHeaders(ReadOnlySpan<byte> rest, int skipped)
    {
        int end = EndOfHeaders(rest);
        if (end > MaxHeaderBytes || (end < 0 && rest.Length >= MaxHeaderBytes))
            return Violate(RtspViolation.HeadersTooLarge);
        if (end < 0)
            return new() { Kind = RtspItemKind.NeedMore, Consumed = skipped, Wanted = rest.Length + 1 };

        if (!TryReadContentLength(rest[..end], out _bodyBytes))
            return Violate(RtspViolation.BadContentLength);
        if (_bodyBytes > maxBodyBytes)
            return Violate(RtspViolation.BodyTooLarge);

        _headerBytes = end;
        return ReadBody(rest, skipped);
    }

    private RtspItem ReadBody(ReadOnlySpan<byte> rest, int skipped)
    {
        int total = _headerBytes + _bodyBytes;
        if (rest.Length < total)
            return new() { Kind = RtspItemKind.NeedMore, Consumed = skipped, Wanted = total };

        var message = Parse(rest[.._headerBytes], rest[_headerBytes..total].ToArray());
        _scanned = _headerBytes = _bodyBytes = 0;
        return message is null
            ? Violate(RtspViolation.NotRtsp)
            : new() { Kind = RtspItemKind.Message, Consumed = skipped + total, Message = message };
    }

    private RtspItem Violate(RtspViolation violation)
    {
        _scanned = _headerBytes = _bodyBytes = 0;
        return new() { Kind = RtspItemKind.Violation, Violation = violation };
    }

    /// <summary>Index behind the empty line, or -1. Goes on where the last call stopped, so a reply that comes byte by byte is not
    /// scanned again and again.</summary>
    private int EndOfHeaders(ReadOnlySpan<byte> rest)
    {
        int lineStart = _scanned;
        while (true)
        {
            int length = rest[lineStart..].IndexOf((byte)'\n');
            if (length < 0)
            {
                _scanned = lineStart;
                return -1;
            }

            if (lineStart > 0 && IsBlank(rest.Slice(lineStart, length)))
                return lineStart + length + 1;

            lineStart += length + 1;
        }
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept("\r \t"u8) < 0;

    private static bool TryReadContentLength(ReadOnlySpan<byte> headers, out int length)
    {
        length = 0;
        foreach (var range in headers.Split((byte)'\n'))
        {
            var line = headers[range];
            int colon = line.IndexOf((byte)':');
            if (colon < 0 || !Ascii.EqualsIgnoreCase(line[..colon].Trim(" \t"u8), "Content-Length"u8))
                continue;

            var value = line[(colon + 1)..].Trim(" \t\r"u8);
            if (value.Length > 9)
            {
                length = int.MaxValue;
                return value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
            }

            return Utf8Parser.TryParse(value, out length, out int used) && used == value.Length && length >= 0;
        }

        return true;
    }

    /// <summary>Null when the first line is neither a status line nor a request line, or too many lines are folded.</summary>
    private static RtspMessage? Parse(ReadOnlySpan<byte> headers, byte[] body)
    {
        RtspMessage? message = null;
        string? name = null;
        string value = "";
        int folded = 0;
        foreach (var range in headers.Split((byte)'\n'))
        {
            var line = headers[range].TrimEnd("\r \t"u8);
            if (message is null)
            {
                message = ParseFirstLine(Encoding.Latin1.GetString(line), body);
                if (message is null)
                    return null;
                continue;
            }

            if (line.Length > 0 && line[0] is (byte)' ' or (byte)'\t')       // folded: belongs to the line before
            {
                if (++folded > MaxFoldedLines)
                    return null;
                value += " " + ValueOf(line);
                continue;
            }

            if (name is not null)
                message.Headers.Add(name, value);
            name = null;
            int colon = line.IndexOf((byte)':');
            if (colon <= 0)
                continue;

            name = Encoding.Latin1.GetString(line[..colon].Trim(" \t"u8));
            value = ValueOf(line[(colon + 1)..]);
        }

        if (name is not null)
            message?.Headers.Add(name, value);
        return message;
    }

    /// <summary>A carriage return or zero within a line becomes a space (RFC 9110 §5.5): values go back into our own requests.</summary>
    private static string ValueOf(ReadOnlySpan<byte> bytes) =>
        Encoding.UTF8.GetString(bytes.Trim(" \t"u8)).Replace('\r', ' ').Replace('\0', ' ');

    private static RtspMessage? ParseFirstLine(string line, byte[] body)
    {
        if (!line.StartsWith("RTSP/", StringComparison.OrdinalIgnoreCase))
        {
            string[] words = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
            return words.Length < 2 ? null : new() { Method = words[0], Uri = words[1], Body = body };
        }

        string[] parts = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2 || !int.TryParse(parts[1], out int status) || status is < 100 or > 999)
            return null;

        return new() { StatusCode = status, Reason = parts.Length > 2 ? parts[2] : "", Body = body };
    }
}
