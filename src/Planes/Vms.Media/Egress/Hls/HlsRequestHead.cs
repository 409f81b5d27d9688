using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Vms.Media.Egress.Hls;

/// <summary>
/// The request that a player repeats ten times a second, read strictly: <c>GET /hls/cam_{id}/{stream}/t/{ticket}/{file} HTTP/1.1</c> without a
/// body. Whatever has anything unusual about it is not read at all: it is Kestrel's, which knows how to refuse it.
/// </summary>
/// <remarks>Total over any bytes; no allocation. The spans are borrowed from the bytes.</remarks>
internal readonly ref struct HlsRequestHead
{
    /// <summary>A longer head is not read.</summary>
    public const int MaxLength = 8 * 1024;

    private const int MaxHeaders = 64;
    private const int MaxDigits = 18;

    private static readonly SearchValues<byte> s_path = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/"u8);
    private static readonly SearchValues<byte> s_host = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:[]"u8);
    private static readonly SearchValues<byte> s_name = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~"u8);

    /// <summary>Of the head, with the empty line.</summary>
    public int Length { get; private init; }

    /// <summary>The path up to the file, with its slash.</summary>
    public ReadOnlySpan<byte> Folder { get; private init; }

    public ReadOnlySpan<byte> CameraId { get; private init; }

    public ReadOnlySpan<byte> Stream { get; private init; }

    public ReadOnlySpan<byte> Ticket { get; private init; }

    public ReadOnlySpan<byte> File { get; private init; }

    /// <summary><c>_HLS_msn</c>.</summary>
    public long? Number { get; private init; }

    /// <summary><c>_HLS_part</c>; only with <see cref="Number"/>.</summary>
    public int? Part { get; private init; }

    /// <summary><c>_HLS_skip</c>.</summary>
    public bool Skip { get; private init; }

    public bool HasQuery { get; private init; }

    public bool AcceptsGzip { get; private init; }

    /// <param name="bytes">From the beginning of a request on; more may follow.</param>
    /// <param name="head">When true.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out HlsRequestHead head)
    {
        head = default;
        if (!bytes.StartsWith("GET /hls/cam_"u8))
            return false;
        int end = bytes[..Math.Min(bytes.Length, MaxLength)].IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;
        var lines = bytes[..(end + 2)];
        int first = lines.IndexOf((byte)'\r');
        if (!lines[first..].StartsWith("\r\n"u8) || !lines[..first].EndsWith(" HTTP/1.1"u8))
            return false;
        if (!TryReadTarget(lines["GET ".Length..(first - " HTTP/1.1".Length)], out var target) || !TryReadHeaders(lines[(first + 2)..], out bool gzip))
            return false;
        head = target with { Length = end + 4, AcceptsGzip = gzip };
        return true;
    }

    private static bool TryReadTarget(ReadOnlySpan<byte> target, out HlsRequestHead head)
    {
        head = default;
        int question = target.IndexOf((byte)'?');
        var path = question < 0 ? target : target[..question];
        if (path.ContainsAnyExcept(s_path))
            return false;

        var rest = path["/hls/cam_".Length..];
        if (!TryTake(ref rest, out var camera) || !TryTake(ref rest, out var stream) || !TryTake(ref rest, out var t) || !t.SequenceEqual("t"u8)
            || !TryTake(ref rest, out var ticket) || !IsName(rest))
            return false;

        long? number = null;
        int? part = null;
        bool skip = false;
        if (question >= 0 && !TryReadDirectives(target[(question + 1)..], out number, out part, out skip))
            return false;
        head = new HlsRequestHead
        {
            Folder = path[..^rest.Length],
            CameraId = camera,
            Stream = stream,
            Ticket = ticket,
            File = rest,
            Number = number,
            Part = part,
            Skip = skip,
            HasQuery = question >= 0,
        };
        return true;
    }

    /// <summary>The next part of a path, up to its slash.</summary>
    private static bool TryTake(scoped ref ReadOnlySpan<byte> path, out ReadOnlySpan<byte> name)
    {
        int slash = path.IndexOf((byte)'/');
        name = slash < 0 ? default : path[..slash];
        path = path[(slash + 1)..];
        return IsName(name);
    }

    // Dots alone would lead elsewhere (RFC 3986 §5.2.4).
    private static bool IsName(ReadOnlySpan<byte> name) => !name.IsEmpty && !name.Contains((byte)'/') && name.ContainsAnyExcept((byte)'.');

    private static bool TryReadDirectives(ReadOnlySpan<byte> query, out long? number, out int? part, out bool skip)
    {
        (number, part, skip) = (null, null, false);
        while (!query.IsEmpty)
        {
            int and = query.IndexOf((byte)'&');
            var pair = and < 0 ? query : query[..and];
            query = and < 0 ? default : query[(and + 1)..];
            if (pair.StartsWith("_HLS_msn="u8) && number is null && TryNumber(pair["_HLS_msn=".Length..], out long value))
                number = value;
            else if (pair.StartsWith("_HLS_part="u8) && part is null && TryNumber(pair["_HLS_part=".Length..], out value) && value <= int.MaxValue)
                part = (int)value;
            else if ((pair.SequenceEqual("_HLS_skip=YES"u8) || pair.SequenceEqual("_HLS_skip=v2"u8)) && !skip)
                skip = true;
            else
                return false;
        }

        return part is null || number is not null;
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, out long number)
    {
        number = 0;
        return text.Length is > 0 and <= MaxDigits && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && Utf8Parser.TryParse(text, out number, out _);
    }

    /// <param name="lines">Each with its line end.</param>
    private static bool TryReadHeaders(ReadOnlySpan<byte> lines, out bool gzip)
    {
        gzip = false;
        bool hasHost = false;
        for (int count = 0; !lines.IsEmpty; count++)
        {
            int end = lines.IndexOf((byte)'\r');
            if (end < 0 || count == MaxHeaders || !lines[end..].StartsWith("\r\n"u8))
                return false;
            var line = lines[..end];
            lines = lines[(end + 2)..];
            int colon = line.IndexOf((byte)':');
            if (colon <= 0 || line[..colon].ContainsAnyExcept(s_name) || !IsText(line[(colon + 1)..]))
                return false;
            var name = line[..colon];
            var value = line[(colon + 1)..].Trim(" \t"u8);
            if (Ascii.EqualsIgnoreCase(name, "host"u8))
            {
                if (hasHost || value.IsEmpty || value.ContainsAnyExcept(s_host))
                    return false;
                hasHost = true;
            }
            else if (Ascii.EqualsIgnoreCase(name, "connection"u8))
            {
                if (!Ascii.EqualsIgnoreCase(value, "keep-alive"u8))
                    return false;
            }
            else if (Ascii.EqualsIgnoreCase(name, "accept-encoding"u8))
            {
                if (value.Contains((byte)';'))
                    return false;       // weighted, perhaps with nothing
                gzip |= value.IndexOf("gzip"u8) >= 0;
            }
            else if (ChangesTheMeaning(name))
            {
                return false;
            }
        }

        return hasHost;
    }

    private static bool IsText(ReadOnlySpan<byte> value)
    {
        foreach (byte b in value)
        {
            if (b is not ((>= 0x20 and < 0x7F) or (byte)'\t'))
                return false;
        }

        return true;
    }

    /// <summary>A body follows, or another answer is wanted than the file.</summary>
    private static bool ChangesTheMeaning(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, "content-length"u8) || Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8)
        || Ascii.EqualsIgnoreCase(name, "expect"u8) || Ascii.EqualsIgnoreCase(name, "upgrade"u8)
        || Ascii.EqualsIgnoreCase(name, "range"u8) || Ascii.EqualsIgnoreCase(name, "trailer"u8);
}
