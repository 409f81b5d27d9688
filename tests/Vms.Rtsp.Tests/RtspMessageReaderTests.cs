using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Vms.Rtsp.Tests;

public sealed class RtspMessageReaderTests
{
    private const string Ok = "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n";

    /// <summary>Bytes on the wire (Latin-1), and what is to come out: "200" for a response, "$channel:hex" for a frame.</summary>
    public static TheoryData<string, string, string[]> Streams => new()
    {
        { "one response", Ok, ["200"] },
        { "bare LF as line end (gortsplib)", "RTSP/1.0 200 OK\nCSeq: 1\n\n", ["200"] },
        { "trailing blanks on headers (Longse, retina #77)", "RTSP/1.0 200 OK\r\nCSeq: 1  \r\nContent-Length: 2 \t\r\n\r\nhi", ["200 hi"] },
        { "blanks in the empty line", "RTSP/1.0 200 OK\r\nCSeq: 1\r\n \r\n", ["200"] },
        { "header names in any case (VLC)", "RTSP/1.0 200 OK\r\nCseq: 1\r\ncontent-length: 3\r\n\r\nabc", ["200 abc"] },
        { "no reason phrase", "RTSP/1.0 200\r\nCSeq: 1\r\n\r\n", ["200"] },
        { "interleaved frame", "$\0\0\u0003abc", ["$0:616263"] },
        { "empty interleaved frame", "$\u0001\0\0", ["$1:"] },
        { "CRLF before $ (moonfire #213)", Ok + "\r\n$\0\0\u0001a\r\n\r\n$\u0001\0\u0001b", ["200", "$0:61", "$1:62"] },
        { "message between frames", "$\0\0\u0001a" + Ok + "$\0\0\u0001b", ["$0:61", "200", "$0:62"] },
        { "data on an unknown channel (ffmpeg fails)", "$\u0063\0\u0001z" + Ok, ["$99:7a", "200"] },
        { "request from the server", "OPTIONS rtsp://10.0.0.1/ RTSP/1.0\r\nCSeq: 7\r\n\r\n", ["OPTIONS"] },
        { "request from the server with *", "GET_PARAMETER * RTSP/1.0\r\nCSeq: 7\r\n\r\n" + Ok, ["GET_PARAMETER", "200"] },
        { "body", "RTSP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nv=0\r\n" + Ok, ["200 v=0\r\n", "200"] },
        { "folded header", "RTSP/1.0 200 OK\r\nX: a\r\n b\r\nCSeq: 1\r\n\r\n", ["200"] },
        { "garbage before a response", "\u0001\u0002RT" + Ok, ["200"] },
        { "text garbage before a response", "hello world\r\n" + Ok, ["200"] },
        { "body longer than Content-Length says", "RTSP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nv=0\r\na=x\r\n" + Ok, ["200 v=0", "200"] },
        { "garbage, then a plausible RTP frame", "\u0003\u0004$$$\u0000\u0000\u000c\u0080`abcdefghij", ["$0:80606162636465666768696a"] },
    };

    [Theory, MemberData(nameof(Streams))]
    public void Finds_messages_and_frames(string name, string wire, string[] expected)
    {
        Assert.NotEmpty(name);
        Assert.Equal(expected, ReadAll(Encoding.Latin1.GetBytes(wire), chunk: int.MaxValue, out _));
    }

    [Theory, MemberData(nameof(Streams))]
    public void Finds_the_same_when_the_bytes_come_one_by_one(string name, string wire, string[] expected)
    {
        Assert.NotEmpty(name);
        Assert.Equal(expected, ReadAll(Encoding.Latin1.GetBytes(wire), chunk: 1, out _));
    }

    [Fact]
    public void Garbage_is_counted()
    {
        ReadAll("????$$$$"u8.ToArray().Concat(Encoding.Latin1.GetBytes(Ok)).ToArray(), chunk: 3, out var reader);

        Assert.Equal(8, reader.GarbageBytes);
        Assert.Equal(1, reader.Resyncs);
    }

    public static TheoryData<string, string, RtspViolation> Violations => new()
    {
        { "headers above 64 KiB, never ending", "RTSP/1.0 200 OK\r\nX: " + new string('x', RtspMessageReader.MaxHeaderBytes), RtspViolation.HeadersTooLarge },
        { "headers above 64 KiB, ending", "RTSP/1.0 200 OK\r\nX: " + new string('x', RtspMessageReader.MaxHeaderBytes) + "\r\n\r\n", RtspViolation.HeadersTooLarge },
        { "body above 1 MiB", "RTSP/1.0 200 OK\r\nContent-Length: 1048577\r\n\r\n", RtspViolation.BodyTooLarge },
        { "Content-Length beyond any number", "RTSP/1.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", RtspViolation.BodyTooLarge },
        { "negative Content-Length", "RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n", RtspViolation.BadContentLength },
        { "Content-Length is text", "RTSP/1.0 200 OK\r\nContent-Length: many\r\n\r\n", RtspViolation.BadContentLength },
        { "an HTTP server answers", "HTTP/1.1 400 Bad Request\r\n\r\n", RtspViolation.NotRtsp },
        { "status is no number", "RTSP/1.0 fine\r\n\r\n", RtspViolation.NotRtsp },
        { "more folded lines than anybody means", "RTSP/1.0 200 OK\r\nX: a\r\n" + string.Concat(Enumerable.Repeat(" b\r\n", 100)) + "\r\n", RtspViolation.NotRtsp },
    };

    [Theory, MemberData(nameof(Violations))]
    public void Gives_up_with_a_reason(string name, string wire, RtspViolation expected)
    {
        Assert.NotEmpty(name);
        var item = new RtspMessageReader().Read(Encoding.Latin1.GetBytes(wire));

        Assert.Equal(RtspItemKind.Violation, item.Kind);
        Assert.Equal(expected, item.Violation);
    }

    [Fact]
    public void A_wrong_content_length_waits_for_the_bytes_and_says_how_many()
    {
        var item = new RtspMessageReader().Read("RTSP/1.0 200 OK\r\nContent-Length: 500\r\n\r\nshort"u8);

        Assert.Equal(RtspItemKind.NeedMore, item.Kind);
        Assert.Equal(40 + 500, item.Wanted);
    }

    [Fact]
    public void Reading_interleaved_frames_allocates_nothing()
    {
        byte[] wire = [(byte)'$', 0, 0, 4, 0x80, 0x60, 1, 2, (byte)'$', 1, 0, 2, 0x80, 0xC8];
        var reader = new RtspMessageReader();
        Drain(reader, wire);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Drain(reader, wire);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Any_bytes_in_any_pieces_end_with_progress_and_within_the_ceilings() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(
            WireGen().ToArbitrary(),
            Gen.Choose(1, 700).ToArbitrary(),
            (wire, chunk) =>
            {
                var whole = ReadAll(wire, int.MaxValue, out var one);
                var pieces = ReadAll(wire, chunk, out var other);
                return whole.SequenceEqual(pieces) && one.GarbageBytes == other.GarbageBytes && one.GarbageBytes <= wire.Length;
            }));

    /// <summary>Random bytes, and random glue of things that look like the protocol.</summary>
    private static Gen<byte[]> WireGen()
    {
        var noise = Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(40);
        var word = Gen.Elements(
            "RTSP/1.0 200 OK\r\n", "CSeq: 1\r\n", "\r\n", "\n", "$\0\0\u0004\u0080abc", "$\u0001", "Content-Length: 7\r\n", "Content-Length: -",
            "OPTIONS * RTSP/1.0\r\n", "PLAY rtsp://", "HTTP", "RTSP", " ", ": ", "$$$$", "\0\0").Select(Encoding.Latin1.GetBytes);
        return Gen.Frequency((1, noise), (4, word)).ListOf(30).Select(parts => parts.SelectMany(p => p).ToArray());
    }

    private static void Drain(RtspMessageReader reader, ReadOnlySpan<byte> wire)
    {
        while (true)
        {
            var item = reader.Read(wire);
            if (item.Kind == RtspItemKind.NeedMore)
                return;
            wire = wire[item.Consumed..];
        }
    }

    private static List<string> ReadAll(byte[] wire, int chunk, out RtspMessageReader reader)
    {
        reader = new RtspMessageReader();
        var found = new List<string>();
        int start = 0;
        int end = 0;
        while (true)
        {
            var item = reader.Read(wire.AsSpan(start, end - start));
            start += item.Consumed;
            switch (item.Kind)
            {
                case RtspItemKind.Interleaved:
                    found.Add($"${item.Channel}:{Convert.ToHexStringLower(item.Payload)}");
                    break;
                case RtspItemKind.Message:
                    string body = Encoding.Latin1.GetString(item.Message!.Body.Span);
                    found.Add((item.Message.IsResponse ? $"{item.Message.StatusCode}" : item.Message.Method) + (body.Length > 0 ? " " + body : ""));
                    break;
                case RtspItemKind.Violation:
                    found.Add(item.Violation.ToString());
                    return found;
                default:
                    Assert.True(item.Wanted > end - start && item.Wanted <= RtspMessageReader.MaxItemBytes);
                    if (end == wire.Length)
                        return found;
                    end = (int)Math.Min(wire.Length, (long)end + chunk);
                    break;
            }
        }
    }
}
