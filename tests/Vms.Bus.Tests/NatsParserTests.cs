using System.Buffers;
using System.Text;
using Vms.Bus.Wire;

namespace Vms.Bus.Tests;

public sealed class NatsParserTests
{
    private const int MaxPayload = 1000;

    // One of everything the server sends; sizes and separators vary on purpose.
    private const string Everything =
        "INFO {\"server_id\":\"x\",\"headers\":true}\r\nPING\r\nPONG\r\n+OK\r\n-ERR 'Stale Connection'\r\n" +
        "MSG cam.1 7 5\r\nhello\r\nMSG cam.2 8 _INBOX.a 0\r\n\r\nmsg\tcam.3   9\t2\r\n\r\n\r\n" +
        "HMSG cam.4 10 12 17\r\nNATS/1.0\r\n\r\nvalue\r\nHMSG cam.5 11 reply.to 16 16\r\nNATS/1.0 503\r\n\r\n\r\nPING\r\n";

    private static readonly string[] s_everything =
    [
        "Info  {\"server_id\":\"x\",\"headers\":true}", "Ping", "Pong", "Ok", "Error 'Stale Connection'",
        "Message cam.1 7  hello", "Message cam.2 8 _INBOX.a ", "Message cam.3 9  \r\n",
        "Message cam.4 10  NATS/1.0\r\n\r\n|value", "Message cam.5 11 reply.to NATS/1.0 503\r\n\r\n|", "Ping",
    ];

    [Fact]
    public void Every_operation_is_read_however_the_bytes_are_cut()
    {
        var bytes = Encoding.UTF8.GetBytes(Everything);
        var whole = ReadAll(new ReadOnlySequence<byte>(bytes), out var outcome);
        Assert.Equal(s_everything.Select(s => s.Replace("Info  ", "Info ")), whole);
        Assert.Equal(NatsParseOutcome.Incomplete, outcome);

        for (var cut = 1; cut < bytes.Length; cut++)
        {
            Assert.Equal(whole, ReadAll(Segments(bytes[..cut], bytes[cut..]), out _));

            // Arriving in two reads: what is left of the first is looked at again.
            var first = new ReadOnlySequence<byte>(bytes, 0, cut);
            var operations = ReadAll(ref first, out _);
            operations.AddRange(ReadAll(Segments(first.ToArray(), bytes[cut..]), out _));
            Assert.Equal(whole, operations);
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("\r\n")]
    [InlineData("MSG\r\n")]
    [InlineData("MSG a 1\r\n")]
    [InlineData("MSG a 1 b c 5\r\nhello\r\n")]
    [InlineData("MSG a x 5\r\nhello\r\n")]
    [InlineData("MSG a 1 -5\r\nhello\r\n")]
    [InlineData("MSG a 1 +5\r\nhello\r\n")]
    [InlineData("MSG a 1 1001\r\n")]
    [InlineData("MSG a 1 99999999999999999999\r\n")]
    [InlineData("MSG a 1 5\r\nhello!!")]
    [InlineData("HMSG a 1 5\r\n")]
    [InlineData("HMSG a 1 6 5\r\nhello\r\n")]
    [InlineData("HMSG a 1 -1 5\r\nhello\r\n")]
    public void What_is_not_the_protocol_is_malformed(string text)
    {
        ReadAll(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text)), out var outcome);
        Assert.Equal(NatsParseOutcome.Malformed, outcome);
    }

    [Fact]
    public void A_line_without_an_end_is_refused_at_its_ceiling()
    {
        Assert.Equal(NatsParseOutcome.Incomplete, Outcome('M', NatsParser.MaxControlLine));
        Assert.Equal(NatsParseOutcome.Malformed, Outcome('M', NatsParser.MaxControlLine + 1));
        Assert.Equal(NatsParseOutcome.Incomplete, Outcome('I', NatsParser.MaxInfoLine));
        Assert.Equal(NatsParseOutcome.Malformed, Outcome('I', NatsParser.MaxInfoLine + 1));

        static NatsParseOutcome Outcome(char first, int length)
        {
            ReadAll(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(new string(first, length))), out var outcome);
            return outcome;
        }
    }

    [Fact]
    public void Mutated_input_never_throws_and_never_yields_more_than_it_holds()
    {
        var random = new Random(1);
        var original = Encoding.UTF8.GetBytes(Everything);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = (byte[])original.Clone();
            for (var i = random.Next(1, 6); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);

            var input = new ReadOnlySequence<byte>(bytes, random.Next(bytes.Length / 2), bytes.Length / 2);
            long held = input.Length;
            while (NatsParser.TryRead(ref input, MaxPayload, out var operation) is NatsParseOutcome.Operation)
            {
                Assert.InRange(operation.Bytes.Length, 0, held);
                Assert.InRange(operation.HeaderLength, 0, operation.Bytes.Length);
                Assert.True(input.Length < held);
                held = input.Length;
                if (operation.HeaderLength > 0) _ = BusHeaders.TryParse(operation.Bytes.Span[..operation.HeaderLength], out _, out _, out _);
                if (operation.Kind is NatsOperation.Info) _ = ServerInfo.TryParse(operation.Bytes.Span, out _);
            }
        }
    }

    private static List<string> ReadAll(ReadOnlySequence<byte> input, out NatsParseOutcome outcome) => ReadAll(ref input, out outcome);

    private static List<string> ReadAll(ref ReadOnlySequence<byte> input, out NatsParseOutcome outcome)
    {
        var all = new List<string>();
        while ((outcome = NatsParser.TryRead(ref input, MaxPayload, out var operation)) is NatsParseOutcome.Operation)
        {
            var bytes = Encoding.UTF8.GetString(operation.Bytes.Span);
            all.Add(operation.Kind is NatsOperation.Message
                ? $"Message {operation.Subject} {operation.SubscriptionId} {operation.ReplyTo} "
                    + (operation.HeaderLength > 0 ? bytes.Insert(operation.HeaderLength, "|") : bytes)
                : $"{operation.Kind} {bytes}".Trim());
        }

        return all;
    }

    private static ReadOnlySequence<byte> Segments(byte[] first, byte[] second)
    {
        var head = new Segment(first, 0);
        var tail = head.Append(second);
        return new ReadOnlySequence<byte>(head, 0, tail, second.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, long index)
        {
            Memory = bytes;
            RunningIndex = index;
        }

        public Segment Append(byte[] bytes)
        {
            var next = new Segment(bytes, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
