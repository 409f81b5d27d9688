namespace Vms.Recorder.Pools;

/// <summary>
/// Gives each pool its share of what is recorded, by the room it has, over many segments. Pure: rooms in, a choice out; the same calls give the
/// same choices. One caller at a time.
/// </summary>
/// <remarks>Every pool has an account: with each segment it is credited its share of the segment's bytes, and the pool that gets the segment is
/// debited all of them. A stream stays in its pool until that has had <see cref="Patience"/> segments too many, so that it does not change with
/// each segment.</remarks>
internal sealed class PoolBalance(int pools)
{
    /// <summary>In segments of the stream that is asked for.</summary>
    public const int Patience = 2;

    /// <summary>An account does not go beyond so many segments: after a pool was away for long it is not made up for.</summary>
    private const int Memory = 64;

    private readonly double[] _accounts = new double[pools];
    private readonly double[] _shares = new double[pools];
    private double _largest;        // segment so far

    /// <summary>Where a segment goes.</summary>
    /// <param name="rooms">Bytes, by pool; 0 for one that cannot be used.</param>
    /// <param name="now">The pool that the stream is in; -1 for none.</param>
    /// <param name="bytes">That the segment will take, more or less.</param>
    /// <returns>The pool; -1 when none can be used.</returns>
    public int Choose(ReadOnlySpan<long> rooms, int now, long bytes)
    {
        double all = 0;
        foreach (long room in rooms)
        {
            all += room;
        }

        if (all <= 0)
        {
            return -1;
        }

        double size = Math.Max(1, bytes);
        _largest = Math.Max(_largest, size);
        int best = -1;
        for (int i = 0; i < rooms.Length; i++)
        {
            _shares[i] = rooms[i] / all;
            Credit(i, size * _shares[i]);
            if (rooms[i] > 0 && (best < 0 || _accounts[i] > _accounts[best]))
            {
                best = i;
            }
        }

        int chosen = now >= 0 && rooms[now] > 0 && _accounts[now] >= -Patience * size ? now : best;
        Credit(chosen, -size);
        return chosen;
    }

    /// <summary>A segment took so many bytes more than was expected; less when negative.</summary>
    public void Correct(int pool, long bytes)
    {
        for (int i = 0; i < _accounts.Length; i++)
        {
            Credit(i, bytes * _shares[i]);
        }

        Credit(pool, -bytes);
    }

    /// <summary>Bytes that a pool lacks of its share; negative when it has had more.</summary>
    public double AccountOf(int pool) => _accounts[pool];

    private void Credit(int pool, double bytes) => _accounts[pool] = Math.Clamp(_accounts[pool] + bytes, -Memory * _largest, Memory * _largest);
}
