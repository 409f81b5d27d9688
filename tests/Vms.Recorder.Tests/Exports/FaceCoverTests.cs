using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Hosting.Heads;
using Vms.Recorder.Archive;
using Vms.Recorder.Exports;
using Vms.Recorder.Heads;
using Vms.Testing;

namespace Vms.Recorder.Tests.Exports;

/// <summary>The areas over faces, read as the converter reads them.</summary>
public sealed partial class FaceCoverTests : IDisposable
{
    private const long HoldUs = 600_000;

    private static readonly DateTimeOffset s_start = new(2026, 11, 21, 9, 59, 50, TimeSpan.Zero);

    private readonly TestDirectory _data = new();
    private readonly HeadStore _heads;

    public FaceCoverTests() =>
        _heads = new HeadStore(_data.Path, NullLogger<HeadStore>.Instance);

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void However_many_people_there_are_at_a_time_each_is_covered_all_the_time(int people)
    {
        var random = new Random(people);
        long startUs = UnixTime.ToMicroseconds(s_start);
        var spans = new List<HeadSpan>();
        for (int second = 0; second < 30; second += 5)
        {
            long fromUs = startUs + (second * 1_000_000L);
            var some = Enumerable.Range(0, people).Select(_ => fromUs + random.Next(0, 3_000_000)).Select(at => new HeadSpan(
                at, at + random.Next(0, 2_000_000), random.NextSingle() * 0.9f, random.NextSingle() * 0.9f, 0.01f + (random.NextSingle() * 0.09f), 0.1f)).ToList();
            spans.AddRange(some);
            Assert.True(_heads.Add("cam", HeadBytes.Write(new HeadEntry(fromUs, fromUs + 5_000_000, some))));
        }

        var cover = FaceCover.Of(_heads, "cam", s_start, s_start.AddSeconds(30));
        Assert.Equal(TimeSpan.Zero, cover.Unlooked);
        Assert.Equal(["faces hidden where people were found"], cover.Words());
        cover.WriteAreas(_data.Path, s_start.AddSeconds(-10));
        var areas = Areas(File.ReadAllLines(Path.Combine(_data.Path, "faces.ass")));
        Assert.Equal(spans.Count, areas.Count);

        foreach (var span in spans)
        {
            foreach (long atUs in (long[])[span.FromUs - HoldUs + 1, (span.FromUs + span.ToUs) / 2, span.ToUs + HoldUs - 1])
                Assert.Contains(AreasAt(atUs - startUs + 10_000_000), a => Holds(a, span));
        }

        // When everybody is gone nothing is covered, and nobody is covered for long.
        Assert.Empty(AreasAt(60_000_000));
        Assert.All(areas, a => Assert.InRange(a.ToUs - a.FromUs, 2 * HoldUs, (2 * HoldUs) + 2_020_000));

        IEnumerable<Area> AreasAt(long us) => areas.Where(a => a.FromUs <= us && a.ToUs > us);
    }

    [Fact]
    public void What_nobody_looked_at_is_added_up()
    {
        foreach (var (from, to) in new[] { (2, 5), (4, 8), (20, 25) })
            Assert.True(_heads.Add("cam", HeadBytes.Write(new HeadEntry(Us(from), Us(to), []))));
        Assert.Equal(TimeSpan.FromSeconds(2 + 12 + 5), FaceCover.Of(_heads, "cam", s_start, s_start.AddSeconds(30)).Unlooked);
        Assert.Equal(TimeSpan.FromSeconds(1), FaceCover.Of(_heads, "cam", s_start.AddSeconds(7), s_start.AddSeconds(9)).Unlooked);
        Assert.Equal(TimeSpan.FromSeconds(30), FaceCover.Of(_heads, "another", s_start, s_start.AddSeconds(30)).Unlooked);
    }

    public void Dispose() => _data.Dispose();

    private static long Us(double second) => UnixTime.ToMicroseconds(s_start.AddSeconds(second));

    private static bool Holds(Area area, HeadSpan head) =>
        area.Left <= head.X && area.Top <= head.Y && area.Right >= Math.Min(1, head.X + head.Width) - 1e-6 && area.Bottom >= Math.Min(1, head.Y + head.Height) - 1e-6;

    private static List<Area> Areas(IEnumerable<string> lines) =>
    [
        .. lines.Select(line => Line().Match(line)).Where(line => line.Success).Select(line =>
        {
            double left = Number(3), top = Number(4), width = Number(5), height = Number(6);
            Assert.True(width > 0 && height > 0, line.Value);
            return new Area(UsOf(line.Groups[1].Value), UsOf(line.Groups[2].Value), left, top, left + width, top + height);

            double Number(int group) => double.Parse(line.Groups[group].Value, CultureInfo.InvariantCulture) / 10_000;
        }),
    ];

    private static long UsOf(string time) => (long)TimeSpan.ParseExact(time, @"h\:mm\:ss\.ff", CultureInfo.InvariantCulture).TotalMicroseconds;

    [GeneratedRegex(@"^Dialogue: 0,([\d:.]+),([\d:.]+),Area,,0,0,0,,\{\\pos\((\d+),(\d+)\)\\p1\}m 0 0 l (\d+) 0 \5 (\d+) 0 \6$")]
    private static partial Regex Line();

    private readonly record struct Area(long FromUs, long ToUs, double Left, double Top, double Right, double Bottom);
}
