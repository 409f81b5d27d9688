using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Vms.Bus.Wire;

internal enum NatsOperation
{
    Info,
    Message,
    Ping,
    Pong,
    Ok,
    Error,
}

internal enum NatsParseOutcome
{
    /// <summary>One operation was taken out of the input.</summary>
    Operation,

    /// <summary>The input ends inside an operation; call again with more.</summary>
    Incomplete,

    /// <summary>This is not the NATS protocol, or a ceiling was passed: the session ends.</summary>
    Malformed,
}

/// <summary>One operation of the server. Everything in it is copied: nothing refers to the input.</summary>
internal readonly record struct NatsOp(NatsOperation Kind)
{
    /// <summary>MSG, HMSG: the subject.</summary>
    public string Subject { get; init; } = "";

    public string? ReplyTo { get; init; }

    public long SubscriptionId { get; init; }

    /// <summary>MSG, HMSG: header block and payload. INFO: the JSON. -ERR: the text.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>How many of <see cref="Bytes"/> are the header block.</summary>
    public int HeaderLength { get; init; }
}

/// <summary>
/// Cuts the server's byte stream into operations (NATS client protocol: INFO, MSG, HMSG, PING, PONG, +OK, -ERR). Sans-IO, no
/// state; nothing is allocated for a length before it was checked.
/// </summary>
internal static class NatsParser
{
    public const int MaxControlLine = 4 * 1024;

    /// <summary>INFO lists the servers of a cluster and may be longer than other lines.</summary>
    public const int MaxInfoLine = 32 * 1024;

    public static NatsParseOutcome TryRead(ref ReadOnlySequence<byte> input, int maxPayload, out NatsOp operation)
    {
        operation = default;
        var reader = new SequenceReader<byte>(input);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> lineBytes, "\r\n"u8))
            return input.Length > LineCeiling(input) ? NatsParseOutcome.Malformed : NatsParseOutcome.Incomplete;
        if (lineBytes.Length > LineCeiling(lineBytes)) return NatsParseOutcome.Malformed;

        var line = lineBytes.IsSingleSegment ? lineBytes.FirstSpan : lineBytes.ToArray();
        var verb = Verb(line);
        if (verb is NatsOperation.Message) return ReadMessage(ref input, reader, line, maxPayload, out operation);
        if (verb is not { } kind) return NatsParseOutcome.Malformed;

        operation = kind is NatsOperation.Info or NatsOperation.Error
            ? new NatsOp(kind) { Bytes = line[4..].Trim((byte)' ').ToArray() }   // both verbs have four letters
            : new NatsOp(kind);
        input = input.Slice(reader.Position);
        return NatsParseOutcome.Operation;
    }

    private static NatsParseOutcome ReadMessage(
        ref ReadOnlySequence<byte> input, SequenceReader<byte> reader, ReadOnlySpan<byte> line, int maxPayload, out NatsOp operation)
    {
        operation = default;
        var withHeaders = line[0] is (byte)'H' or (byte)'h';

        // MSG <subject> <sid> [reply-to] <bytes>; HMSG <subject> <sid> [reply-to] <header bytes> <total bytes>
        Span<Range> parts = stackalloc Range[7];
        var count = Split(line, parts);
        var sizes = withHeaders ? 2 : 1;
        if (count != 3 + sizes && count != 4 + sizes) return NatsParseOutcome.Malformed;

        var headerLength = 0;
        if (!TryNumber(line[parts[2]], long.MaxValue, out var subscriptionId)
            || !TryNumber(line[parts[count - 1]], maxPayload, out var total)
            || (withHeaders && !TryNumber(line[parts[count - 2]], total, out headerLength)))
            return NatsParseOutcome.Malformed;

        if (reader.Remaining < total + 2) return NatsParseOutcome.Incomplete;

        var body = input.Slice(reader.Position, total);
        reader.Advance(total);
        if (!reader.IsNext("\r\n"u8, advancePast: true)) return NatsParseOutcome.Malformed;

        operation = new NatsOp(NatsOperation.Message)
        {
            Subject = Encoding.UTF8.GetString(line[parts[1]]),
            SubscriptionId = subscriptionId,
            ReplyTo = count == 4 + sizes ? Encoding.UTF8.GetString(line[parts[3]]) : null,
            Bytes = body.ToArray(),
            HeaderLength = headerLength,
        };
        input = input.Slice(reader.Position);
        return NatsParseOutcome.Operation;
    }

    private static int LineCeiling(in ReadOnlySequence<byte> line) =>
        line.FirstSpan is [(byte)'I' or (byte)'i', ..] ? MaxInfoLine : MaxControlLine;

    private static NatsOperation? Verb(ReadOnlySpan<byte> line)
    {
        var end = line.IndexOfAny((byte)' ', (byte)'\t');
        var verb = end < 0 ? line : line[..end];
        return verb.Length switch
        {
            3 when Is(verb, "MSG") => NatsOperation.Message,
            3 when Is(verb, "+OK") => NatsOperation.Ok,
            4 when Is(verb, "HMSG") => NatsOperation.Message,
            4 when Is(verb, "PING") => NatsOperation.Ping,
            4 when Is(verb, "PONG") => NatsOperation.Pong,
            4 when Is(verb, "INFO") => NatsOperation.Info,
            4 when Is(verb, "-ERR") => NatsOperation.Error,
            _ => null,
        };

        static bool Is(ReadOnlySpan<byte> verb, string name) => Ascii.EqualsIgnoreCase(verb, name);
    }

    /// <summary>Splits at runs of blanks. Returns the number of parts; one more than fits means too many.</summary>
    private static int Split(ReadOnlySpan<byte> line, Span<Range> parts)
    {
        var count = 0;
        var at = 0;
        while (at < line.Length && count < parts.Length)
        {
            var start = line[at..].IndexOfAnyExcept((byte)' ', (byte)'\t');
            if (start < 0) break;

            start += at;
            var length = line[start..].IndexOfAny((byte)' ', (byte)'\t');
            at = length < 0 ? line.Length : start + length;
            parts[count++] = start..at;
        }

        return count;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, long ceiling, out long value) =>
        Utf8Parser.TryParse(digits, out value, out var consumed) && consumed == digits.Length && value >= 0 && value <= ceiling
        && digits[0] != (byte)'+';

    private static bool TryNumber(ReadOnlySpan<byte> digits, int ceiling, out int value)
    {
        var parsed = TryNumber(digits, (long)ceiling, out var wide);
        value = parsed ? (int)wide : 0;
        return parsed;
    }
}
