using FsCheck;
using FsCheck.Fluent;
using Vms.Rtp.Reception;

namespace Vms.Rtp.Tests.Reception;

public sealed class ReorderBufferTests
{
    private const long Wait = 100;

    // Input: sequence numbers in order of arrival, one time unit apart. Output: sequence number, and -n when n were missing before it.
    [Theory]
    [InlineData("in order", new[] { 1, 2, 3 }, "1 2 3")]
    [InlineData("two swapped", new[] { 1, 3, 2, 4 }, "1 2 3 4")]
    [InlineData("doubled", new[] { 1, 2, 2, 3, 1 }, "1 2 3")]
    [InlineData("doubled while held", new[] { 1, 3, 3, 2 }, "1 2 3")]
    [InlineData("wrap", new[] { 65534, 0, 65535, 1 }, "65534 65535 0 1")]
    [InlineData("a hole that is never filled", new[] { 1, 3, 4, 5 }, "1 3-1 4 5")]
    [InlineData("two holes", new[] { 1, 4, 5, 8 }, "1 4-2 5 8-2")]
    [InlineData("more ahead than there is room: the hole is given up", new[] { 1, 3, 4, 5, 6, 7, 8, 9, 10, 11 }, "1 3-1 4 5 6 7 8 9 10 11")]
    [InlineData("far ahead at once", new[] { 1, 100, 101 }, "1 100-98 101")]
    [InlineData("held ones come before a far one", new[] { 1, 3, 100 }, "1 3-1 100-96")]
    [InlineData("one packet out of nowhere is dropped", new[] { 1, 40000, 2 }, "1 2")]
    [InlineData("two in a row out of nowhere are a restart", new[] { 1, 40000, 40001, 40002 }, "1 40001-1 40002")]
    [InlineData("a restart backwards", new[] { 5000, 5001, 7, 8, 9 }, "5000 5001 8-1 9")]
    public void Order_is_restored_and_loss_reported_as_a_number(string what, int[] arrivals, string expected)
    {
        Assert.NotEmpty(what);
        Assert.Equal(expected, Run(new ReorderBuffer(8, Wait), [.. arrivals.Select(sequence => (sequence, 1u))]));
    }

    [Theory]
    [InlineData("in order", new[] { 1, 2, 3 }, "1 2 3")]
    [InlineData("frames the camera left out", new[] { 1, 5, 6 }, "1 5-3 6")]
    [InlineData("nothing is held", new[] { 1, 3, 2 }, "1 3-1")]
    [InlineData("restart", new[] { 1, 2, 30000, 30001, 30002 }, "1 2 30000-1 30001 30002")]
    public void Over_tcp_everything_passes_and_what_the_camera_left_out_is_counted(string what, int[] arrivals, string expected)
    {
        Assert.NotEmpty(what);
        Assert.Equal(expected, Run(new ReorderBuffer(0, 0), [.. arrivals.Select(sequence => (sequence, 1u))]));
    }

    [Fact]
    public void Another_ssrc_begins_a_new_sequence()
    {
        var buffer = new ReorderBuffer(8, Wait);
        Assert.Equal("10 11 500-2 501", Run(buffer, [(10, 1), (11, 1), (13, 1), (500, 2), (501, 2)]));
        Assert.Equal((1, 2), (buffer.Restarts, buffer.Lost));
    }

    [Fact]
    public void A_missing_packet_is_given_up_at_the_deadline_and_not_before()
    {
        var buffer = new ReorderBuffer(8, Wait);
        Assert.Equal(ReorderOutcome.Next, buffer.Push(Packet(1), 0, out _));
        Assert.Null(buffer.Deadline);
        Assert.Equal(ReorderOutcome.Held, buffer.Push(Packet(3), 10, out _));
        Assert.Equal(ReorderOutcome.Held, buffer.Push(Packet(5), 50, out _));
        Assert.Equal(10 + Wait, buffer.Deadline);

        Assert.False(buffer.TryRead(10 + Wait - 1, out _, out _));
        Assert.True(buffer.TryRead(10 + Wait, out var packet, out int lost));
        Assert.Equal((3, 1), (packet[3], lost));
        Assert.False(buffer.TryRead(10 + Wait, out _, out _));
        Assert.Equal(50 + Wait, buffer.Deadline);
        Assert.Equal(ReorderOutcome.Stale, buffer.Push(Packet(2), 60, out _));
    }

    [Fact]
    public void Shuffled_within_the_window_everything_comes_out_once_and_in_order() =>
        Prop.ForAll(
            (from start in Gen.Choose(0, 65535)
             from keys in Gen.Choose(0, 6).ArrayOf(200)
             select (start, keys)).ToArbitrary(),
            c =>
            {
                int[] arrivals = [.. Enumerable.Range(0, c.keys.Length).OrderBy(i => i + c.keys[i]).Select(i => (c.start + i) & 0xFFFF)];
                arrivals = [c.start, .. arrivals.Where(sequence => sequence != c.start)];
                string expected = string.Join(' ', Enumerable.Range(0, c.keys.Length).Select(i => (c.start + i) & 0xFFFF));
                return Run(new ReorderBuffer(16, 1000), [.. arrivals.Select(sequence => (sequence, 1u))]) == expected;
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Any_arrivals_come_out_at_most_once_and_received_plus_lost_adds_up() =>
        Prop.ForAll(
            Gen.Choose(0, 40).Select(n => n * 3).ArrayOf().ToArbitrary(),
            arrivals =>
            {
                var buffer = new ReorderBuffer(4, Wait);
                string[] delivered = Run(buffer, [.. arrivals.Select(sequence => (sequence, 1u))]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
                int[] numbers = [.. delivered.Select(text => int.Parse(text.Split('-')[0]))];
                int lost = delivered.Sum(text => text.Contains('-') ? int.Parse(text.Split('-')[1]) : 0);
                bool ordered = buffer.Restarts > 0 || (numbers.Distinct().Count() == numbers.Length && numbers.SequenceEqual(numbers.Order()));
                bool complete = buffer.Restarts > 0 || numbers.Length == 0 || numbers.Length + lost == numbers[^1] - numbers[0] + 1;
                return ordered && complete && lost == buffer.Lost && numbers.Length + buffer.Stale == arrivals.Length;
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Nothing_is_allocated_per_packet_after_warm_up()
    {
        var buffer = new ReorderBuffer(64, Wait);
        byte[] packet = new byte[1200];
        int sequence = 0;
        Round();

        long before = GC.GetAllocatedBytesForCurrentThread();
        Round();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Round()
        {
            for (int i = 0; i < 2000; i++, sequence += 2)
            {
                Push(sequence + 1);
                Push(sequence);
            }
        }

        void Push(int number)
        {
            RtpPacketWriter.WriteHeader(packet, 96, false, (ushort)number, 0, 1);
            buffer.Push(packet, number, out _);
            while (buffer.TryRead(number, out _, out _))
            {
            }
        }
    }

    private static string Run(ReorderBuffer buffer, (int Sequence, uint Ssrc)[] arrivals)
    {
        var delivered = new List<string>();
        long now = 0;
        foreach (var (sequence, ssrc) in arrivals)
        {
            byte[] packet = Packet(sequence, ssrc);
            if (buffer.Push(packet, ++now, out int lost) == ReorderOutcome.Next)
                Add(packet, lost);
            Drain(now);
        }

        Drain(now + 100_000);
        return string.Join(' ', delivered);

        void Drain(long at)
        {
            while (buffer.TryRead(at, out var held, out int missing))
                Add(held, missing);
        }

        void Add(ReadOnlySpan<byte> packet, int missing)
        {
            Assert.True(RtpPacketView.TryParse(packet, out var view));
            delivered.Add(missing == 0 ? $"{view.SequenceNumber}" : $"{view.SequenceNumber}-{missing}");
        }
    }

    private static byte[] Packet(int sequence, uint ssrc = 1)
    {
        byte[] packet = new byte[20];
        RtpPacketWriter.WriteHeader(packet, 96, false, (ushort)sequence, 0, ssrc);
        return packet;
    }
}
