using Vms.Recorder.Motion;

namespace Vms.Recorder.Tests.Motion;

public sealed class JoinedHitsTests
{
    private static readonly MotionOptions s_options = new() { JoinWithin = TimeSpan.FromSeconds(3), MaxHitLength = TimeSpan.FromSeconds(60) };

    [Fact]
    public void Motion_that_pauses_for_a_moment_is_one_hit()
    {
        Assert.Equal(["94-100 0.8"], Hits((99, 100, 100), (98, 99, 0), (97, 98, 0), (96, 97, 0), (94, 96, 204)));
    }

    [Fact]
    public void Motion_that_pauses_for_longer_is_two()
    {
        Assert.Equal(["99-100 0.392", "94-95 0.8"], Hits((99, 100, 100), (98, 99, 0), (97, 98, 0), (96, 97, 0), (95, 96, 0), (94, 95, 204)));
    }

    [Fact]
    public void Motion_without_end_is_told_in_pieces()
    {
        var all = Enumerable.Range(0, 130).Select(i => (From: 999 - i, To: 1000 - i, Score: 100)).ToArray();
        Assert.Equal(["940-1000 0.392", "880-940 0.392", "870-880 0.392"], Hits(all));
    }

    [Fact]
    public void After_the_clock_was_set_back_the_same_time_is_another_hit()
    {
        Assert.Equal(["50-51 0.392", "80-81 0.392"], Hits((50, 51, 100), (80, 81, 100)));
    }

    private static List<string> Hits(params (int From, int To, int Score)[] grids)
    {
        var joined = new JoinedHits(s_options);
        var hits = new List<MotionHit?>();
        foreach (var (from, to, score) in grids)
        {
            hits.Add(score > 0
                ? joined.Add(from * 1_000_000L, to * 1_000_000L, new RegionMotion((byte)score, 0, 0, 0, 0))
                : joined.Quiet(from * 1_000_000L));
        }

        hits.Add(joined.End());
        return [.. hits.OfType<MotionHit>().Select(h => FormattableString.Invariant($"{h.From.Value.ToUnixTimeSeconds()}-{h.To.Value.ToUnixTimeSeconds()} {h.Score}"))];
    }
}
