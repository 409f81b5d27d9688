using System.Net;
using System.Net.Sockets;

namespace Vms.Hosting;

/// <summary>
/// Token buckets by key (an account, an address): each holds a minute's worth and fills evenly. Memory is bounded: full buckets are as
/// good as none and are forgotten; under an attack from made-up keys the fullest half goes. Any thread. The caller says what time it is.
/// </summary>
/// <param name="perMinute">Size of a bucket and what flows into it in a minute; 0: no limit.</param>
public sealed class RateLimiter(int perMinute)
{
    /// <summary>Some 2 MB.</summary>
    public const int MaxKeys = 20_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);

    /// <summary>Keys that are not full at the moment they were last looked at.</summary>
    public int Keys
    {
        get
        {
            lock (_gate)
                return _buckets.Count;
        }
    }

    /// <summary>Takes one token.</summary>
    /// <param name="share">How many of the limit this key has: an address that serves several accounts has more than one.</param>
    /// <param name="now">Monotonic.</param>
    /// <returns>Zero: go on. Else how long until there is a token; nothing was taken.</returns>
    public TimeSpan Take(string key, TimeSpan now, int share = 1)
    {
        if (perMinute == 0)
            return TimeSpan.Zero;
        double size = (double)perMinute * share, perSecond = size / 60;
        lock (_gate)
        {
            if (!_buckets.TryGetValue(key, out var bucket))
            {
                if (_buckets.Count >= MaxKeys)
                    Shrink(now);
                bucket = new Bucket(size, perSecond, now);
            }

            double tokens = bucket.At(now);
            if (tokens < 1)
                return TimeSpan.FromSeconds((1 - tokens) / perSecond);
            _buckets[key] = new Bucket(tokens - 1, perSecond, now) { Size = size };
            return TimeSpan.Zero;
        }
    }

    /// <summary>An IPv6 network counts as one: each host has more addresses in it than there could be buckets.</summary>
    public static string KeyOf(IPAddress? address)
    {
        if (address is null)
            return "local";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address.ToString();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes) + "/64";
    }

    private void Shrink(TimeSpan now)
    {
        foreach (var (key, bucket) in _buckets)
        {
            if (bucket.At(now) >= bucket.Size)
                _buckets.Remove(key);
        }

        // Those who have used least lose least by being forgotten.
        if (_buckets.Count >= MaxKeys)
        {
            foreach (string key in _buckets.OrderByDescending(b => b.Value.At(now) / b.Value.Size).Take(MaxKeys / 2).Select(b => b.Key).ToList())
                _buckets.Remove(key);
        }
    }

    private readonly record struct Bucket(double Tokens, double PerSecond, TimeSpan Since)
    {
        public double Size { get; init; } = Tokens;

        public double At(TimeSpan now) => Math.Min(Size, Tokens + Math.Max(0, (now - Since).TotalSeconds) * PerSecond);
    }
}
