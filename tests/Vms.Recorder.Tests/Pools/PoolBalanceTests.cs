using Vms.Recorder.Pools;

namespace Vms.Recorder.Tests.Pools;

public sealed class PoolBalanceTests
{
    private const long Segment = 100_000_000;

    [Fact]
    public void Pools_get_their_share_by_room_over_many_segments()
    {
        var balance = new PoolBalance(2);
        var segments = Record(balance, [300L << 30, 100L << 30], cameras: 10, rotations: 100);
        Assert.Equal(0.75, segments[0] / 1000.0, tolerance: 0.03);
        Assert.Equal(0.25, segments[1] / 1000.0, tolerance: 0.03);
    }

    [Fact]
    public void One_camera_uses_every_pool_and_changes_not_with_each_segment()
    {
        var balance = new PoolBalance(2);
        int now = -1;
        int changes = 0;
        int[] segments = new int[2];
        for (int i = 0; i < 200; i++)
        {
            int chosen = balance.Choose([100L << 30, 100L << 30], now, Segment);
            changes += now >= 0 && chosen != now ? 1 : 0;
            now = chosen;
            segments[chosen]++;
        }

        Assert.InRange(segments[0], 90, 110);
        Assert.InRange(changes, 10, 60);
    }

    [Fact]
    public void A_pool_without_room_is_left_at_once_and_not_paid_back_for_longer_than_it_remembers()
    {
        var balance = new PoolBalance(2);
        Record(balance, [1 << 30, 1 << 30], cameras: 4, rotations: 10);
        Assert.Equal(1, balance.Choose([0, 1 << 30], now: 0, Segment));
        var away = Record(balance, [0, 1 << 30], cameras: 4, rotations: 1000);
        Assert.Equal(0, away[0]);
        var back = Record(balance, [1 << 30, 1 << 30], cameras: 4, rotations: 100);
        Assert.InRange(back[0], 150, 250);
        Assert.Equal(-1, balance.Choose([0, 0], now: 0, Segment));
    }

    [Fact]
    public void What_segments_really_took_counts()
    {
        var balance = new PoolBalance(2);
        long[] bytes = new long[2];
        int now = -1;
        for (int i = 0; i < 400; i++)
        {
            now = balance.Choose([1L << 40, 1L << 40], now, Segment);
            long took = now == 0 ? Segment * 3 : Segment;
            bytes[now] += took;
            balance.Correct(now, took - Segment);
        }

        Assert.Equal(0.5, bytes[0] / (double)bytes.Sum(), tolerance: 0.05);
    }

    private static int[] Record(PoolBalance balance, long[] rooms, int cameras, int rotations)
    {
        int[] now = [.. Enumerable.Repeat(-1, cameras)];
        int[] segments = new int[rooms.Length];
        for (int i = 0; i < cameras * rotations; i++)
        {
            int camera = i % cameras;
            now[camera] = balance.Choose(rooms, now[camera], Segment);
            segments[now[camera]]++;
        }

        return segments;
    }
}
