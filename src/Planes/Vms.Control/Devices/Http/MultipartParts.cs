using System.Buffers.Text;
using System.Text;

namespace Vms.Control.Devices.Http;

/// <summary>One part of an answer that goes on.</summary>
/// <param name="ContentType">Empty where the part names none.</param>
internal readonly record struct MultipartPart(string ContentType, byte[] Body);

/// <summary>
/// Parts a multipart stream (RFC 2046 §5.1) as it comes in. Sans-IO; one caller at a time.
/// </summary>
/// <remarks>
/// Deviations accepted: a boundary parameter that has the delimiter's dashes already (Dahua), delimiters without a line end before them, bare line feeds, parts without
/// Content-Length (they end at the next delimiter, so they come late), and a Content-Length beyond the next delimiter (Hikvision), which wins.
/// </remarks>
internal sealed class MultipartParts
{
    /// <summary>Of one part. What is longer, a picture for instance, is passed over.</summary>
    public const int MaxPartBytes = 128 << 10;

    /// <summary>Of one part's headers. What is longer is passed over.</summary>
    public const int MaxHeaderBytes = 4 << 10;

    /// <summary>RFC 2046 allows 70 characters.</summary>
    public const int MaxBoundary = 128;

    private const int MaxBuffered = MaxPartBytes + MaxHeaderBytes;        // the longest part with the delimiter behind it

    private readonly byte[] _delimiter;
    private byte[] _buffer = new byte[4096];
    private int _length;
    private int _searched;      // of the open body: no delimiter begins before
    private Place _place;
    private string _contentType = "";
    private int? _bodyLength;

    /// <param name="boundary">From <see cref="BoundaryOf"/>.</param>
    public MultipartParts(string boundary) => _delimiter = Encoding.Latin1.GetBytes("--" + boundary);

    private enum Place
    {
        Between,
        Headers,
        Body,
    }

    /// <summary>Parts passed over because they, or their headers, were too long.</summary>
    public long PassedOver { get; private set; }

    /// <summary>The boundary without the dashes in front of it; null when the content type is not multipart or names none.</summary>
    public static string? BoundaryOf(string? contentType)
    {
        if (contentType is null || !contentType.TrimStart().StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
            return null;
        foreach (string parameter in contentType.Split(';').Skip(1))
        {
            string text = parameter.Trim();
            if (!text.StartsWith("boundary", StringComparison.OrdinalIgnoreCase) || text.IndexOf('=') is not (> 0 and int equals))
                continue;
            string boundary = text[(equals + 1)..].Trim().Trim('"').TrimStart('-');
            return boundary.Length is > 0 and <= MaxBoundary && boundary.All(char.IsAscii) ? boundary : null;
        }

        return null;
    }

    /// <summary>Adds the parts that these bytes complete.</summary>
    public void Take(ReadOnlySpan<byte> bytes, ICollection<MultipartPart> parts)
    {
        while (!bytes.IsEmpty)
        {
            int taken = Math.Min(bytes.Length, MaxBuffered - _length);
            if (_length + taken > _buffer.Length)
                Array.Resize(ref _buffer, Math.Min(MaxBuffered, Math.Max(_length + taken, _buffer.Length * 2)));
            bytes[..taken].CopyTo(_buffer.AsSpan(_length));
            bytes = bytes[taken..];
            _length += taken;

            int at = 0;
            while (Step(_buffer.AsSpan(at, _length - at), parts) is { } used)
                at += used;
            _buffer.AsSpan(at, _length - at).CopyTo(_buffer);
            _length -= at;
        }
    }

    /// <returns>How much of it is done with; null when more has to come, which is never so for a full buffer.</returns>
    private int? Step(ReadOnlySpan<byte> bytes, ICollection<MultipartPart> parts) => _place switch
    {
        Place.Between => FindDelimiter(bytes),
        Place.Headers => ReadHeaders(bytes),
        _ => ReadBody(bytes, parts),
    };

    private int? FindDelimiter(ReadOnlySpan<byte> bytes)
    {
        int at = bytes.IndexOf(_delimiter);
        if (at < 0)
            return bytes.Length >= _delimiter.Length ? bytes.Length - _delimiter.Length + 1 : null;
        int lineEnd = bytes[at..].IndexOf((byte)'\n');
        if (lineEnd is < 0 or > MaxHeaderBytes)
            return bytes.Length - at > MaxHeaderBytes ? at + _delimiter.Length : at > 0 ? at : null;
        if (!bytes[(at + _delimiter.Length)..].StartsWith("--"u8))
            _place = Place.Headers;
        return at + lineEnd + 1;
    }

    private int? ReadHeaders(ReadOnlySpan<byte> bytes)
    {
        string contentType = "";
        int? length = null;
        int at = 0;
        while (bytes[at..].IndexOf((byte)'\n') is >= 0 and int end && at + end < MaxHeaderBytes)
        {
            var line = bytes.Slice(at, end).TrimEnd((byte)'\r');
            if (line.StartsWith(_delimiter))        // a part without anything in it
            {
                _place = Place.Between;
                return at;
            }

            at += end + 1;
            if (line.IsEmpty && length > MaxPartBytes)
                return PassOver(at);
            if (line.IsEmpty)
            {
                (_place, _contentType, _bodyLength, _searched) = (Place.Body, contentType, length, 0);
                return at;
            }

            int colon = line.IndexOf((byte)':');
            if (colon < 0)
                continue;
            var value = line[(colon + 1)..].Trim((byte)' ');
            if (Ascii.EqualsIgnoreCase(line[..colon], "Content-Type"u8))
                contentType = Encoding.Latin1.GetString(value);
            else if (Ascii.EqualsIgnoreCase(line[..colon], "Content-Length"u8))
                length = Utf8Parser.TryParse(value, out int number, out _) && number >= 0 ? number : null;
        }

        return bytes.Length < MaxHeaderBytes ? null : PassOver(_delimiter.Length);
    }

    private int? ReadBody(ReadOnlySpan<byte> bytes, ICollection<MultipartPart> parts)
    {
        int longest = _bodyLength ?? MaxPartBytes + _delimiter.Length;
        int most = Math.Min(bytes.Length, longest);
        int delimiter = bytes[_searched..most].IndexOf(_delimiter);
        if (delimiter >= 0)
            return Complete(bytes[..(_searched + delimiter)].TrimEnd("\r\n"u8), _searched + delimiter, parts);
        if (most < longest)
        {
            _searched = Math.Max(0, most - _delimiter.Length + 1);
            return null;
        }

        if (_bodyLength is null)
            return PassOver(most - _delimiter.Length + 1);
        int end = EndBeforeDelimiter(bytes[..most]);
        return Complete(bytes[..end], end, parts);
    }

    /// <summary>A length that ends within the next delimiter: the beginning of that is no part of the body.</summary>
    private int EndBeforeDelimiter(ReadOnlySpan<byte> body)
    {
        int line = body.LastIndexOf((byte)'\n') + 1;
        return line > 0 && body.Length - line >= 2 && _delimiter.AsSpan().StartsWith(body[line..]) ? body[..line].TrimEnd("\r\n"u8).Length : body.Length;
    }

    private int PassOver(int used)
    {
        PassedOver++;
        _place = Place.Between;
        return used;
    }

    private int Complete(ReadOnlySpan<byte> body, int used, ICollection<MultipartPart> parts)
    {
        parts.Add(new MultipartPart(_contentType, body.ToArray()));
        _place = Place.Between;
        return used;
    }
}
