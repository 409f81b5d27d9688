using Vms.Hosting.Heads;

namespace Vms.Hosting.Tests.Heads;

public sealed class HeadBytesTests
{
    private const long At = 1_700_000_000_000_000;

    [Fact]
    public void What_was_covered_stays_covered()
    {
        var random = new Random(5);
        var spans = Enumerable.Range(0, 500).Select(_ => new HeadSpan(
            At - random.Next(0, 60_000_000), At + random.Next(0, 60_000_000), random.NextSingle(), random.NextSingle(), random.NextSingle(), random.NextSingle())).ToList();
        byte[] bytes = HeadBytes.Write(new HeadEntry(At, At + 5_000_000, spans));
        HeadEntry read = HeadBytes.Read(bytes)!;
        Assert.Equal((At, At + 5_000_000), (read.FromUs, read.ToUs));
        Assert.Equal(spans.Select(s => (s.FromUs, s.ToUs)), read.Spans.Select(s => (s.FromUs, s.ToUs)));
        foreach (var (was, @is) in spans.Zip(read.Spans))
        {
            Assert.InRange(@is.X, was.X - 0.0001f, was.X + 1e-6f);
            Assert.InRange(@is.Y, was.Y - 0.0001f, was.Y + 1e-6f);
            Assert.True(@is.X + @is.Width >= Math.Min(1, was.X + was.Width) - 1e-6f);
            Assert.True(@is.Y + @is.Height >= Math.Min(1, was.Y + was.Height) - 1e-6f);
        }
    }

    [Fact]
    public void Any_bytes_are_an_entry_or_none()
    {
        var random = new Random(6);
        byte[] good = HeadBytes.Write(new HeadEntry(At, At + 5_000_000, [new HeadSpan(At, At + 1_000_000, 0.1f, 0.1f, 0.2f, 0.2f), new HeadSpan(At, At, 0, 0, 1, 1)]));
        int none = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. good.AsSpan(0, random.Next(4) == 0 ? random.Next(good.Length) : good.Length)];
            for (int n = random.Next(4); n > 0 && bytes.Length > 0; n--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (HeadBytes.Read(bytes) is not { } entry)
            {
                none++;
                continue;
            }

            Assert.InRange(entry.ToUs - entry.FromUs, 0, HeadBytes.LongestUs);
            Assert.All(entry.Spans, s => Assert.True(s.FromUs <= s.ToUs && s.FromUs >= entry.FromUs - HeadBytes.LongestUs && s.ToUs <= entry.FromUs + HeadBytes.LongestUs));
        }

        Assert.InRange(none, 5_000, 19_000);
    }
}
